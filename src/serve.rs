//! `lenke serve`: the monitoring centre.

use crate::{
    logging,
    place::Place,
    server::{AddressHints, Server, install_metrics, open_store},
    signals, terminal, user, victims,
};
use anyhow::{Result, bail};
use lenke_store::Clock;

/// Where the settings can be changed; named in messages.
const HINTS: AddressHints = AddressHints {
    mqtt: "`listen` under [mqtt] or LENKE_MQTT_LISTEN",
    http: "`listen` under [console] or LENKE_CONSOLE_LISTEN",
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Say whether the configuration is right, and start nothing.
    #[arg(long)]
    check_config: bool,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let settings = args.place.settings()?;
    if args.check_config {
        println!("the configuration is right");
        return Ok(());
    }
    logging::start(&settings.log.filter, settings.log.format)?;
    let stop = signals::stop_on_signal();
    let store = open_store(&settings).await?;
    victims::take_over(&settings, &*store).await?;
    let clock = Clock::wall();
    let first = user::first_login(&*store).await?;
    let server = Server::start(&settings, store, clock, install_metrics()?, &HINTS).await?;

    println!("{} {}", terminal::bold("console"), format_args!("http://{}", server.http));
    if let Some(mqtt) = server.mqtt {
        println!("{} mqtt://{mqtt}", terminal::bold("devices"));
    }
    if let Some(broker) = &settings.broker {
        println!("{} {}", terminal::bold("broker "), broker.url);
    }
    if let Some(login) = first {
        println!(
            "{} {} / {}   (first start: shown this once)",
            terminal::bold("login  "),
            login.name,
            login.password
        );
    }

    let failed = server.failed();
    let broken = tokio::select! {
        () = stop.cancelled() => false,
        () = failed.cancelled() => true,
    };
    server.drain().await;
    if broken {
        bail!("a part could not go on; the log says which and why");
    }
    Ok(())
}
