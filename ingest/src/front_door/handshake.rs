//! From the first byte to the CONNACK.

use super::{
    Shared,
    codec::{CodecError, Connect, ConnectRefusal, DeviceCodec, Incoming, Outgoing},
    session::Session,
};
use crate::{Refusal, Rejection, Source};
use futures::{SinkExt, StreamExt};
use lenke_wire::{DeviceId, topic};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::Framed;

/// Begins a session or says why not.
pub(super) async fn open<'s, S: AsyncRead + AsyncWrite + Unpin>(
    shared: &'s Shared,
    stream: S,
    source: &Source,
) -> Result<Session<'s, S>, &'static str> {
    let mut framed = Framed::new(stream, DeviceCodec::new(shared.config.packet_bytes_max));
    let connect = match framed.next().await {
        Some(Ok(Incoming::Connect(connect))) => connect,
        Some(Ok(_)) | Some(Err(CodecError::NotConnect)) => return Err("the first packet is no CONNECT"),
        Some(Err(CodecError::Version)) => {
            refuse(&mut framed, ConnectRefusal::Version).await;
            return Err("an unknown protocol version");
        }
        Some(Err(_)) => return Err("a malformed CONNECT"),
        None => return Err("closed before CONNECT"),
    };
    match admit(shared, &connect, source) {
        Ok(device) => welcome(shared, framed, device, &connect, source).await,
        Err((refusal, reason)) => {
            refuse(&mut framed, refusal).await;
            Err(reason)
        }
    }
}

fn admit(
    shared: &Shared,
    connect: &Connect,
    source: &Source,
) -> Result<DeviceId, (ConnectRefusal, &'static str)> {
    let device: DeviceId =
        connect.client_id.parse().map_err(|_| (ConnectRefusal::ClientId, "the client id is no device id"))?;
    if connect.wants_enhanced_authentication {
        return Err((ConnectRefusal::AuthenticationMethod, "enhanced authentication"));
    }
    if connect.username != connect.client_id {
        return Err((ConnectRefusal::Credentials, "the user name is not the client id"));
    }
    if !shared.intake.authenticate(device, connect.password.as_bytes()) {
        if !shared.intake.is_enrolled(device) {
            let refusal =
                Refusal::new(Rejection::UnknownDevice, format!("{device} connected and is not enrolled"));
            shared.intake.turn_away(Some(device), source, refusal, &[]);
        }
        return Err((ConnectRefusal::Credentials, "wrong password"));
    }
    let own_state = topic::state(device).to_string();
    if connect.will_topic.as_ref().is_some_and(|topic| *topic != own_state.as_bytes()) {
        let refusal =
            Refusal::new(Rejection::ForeignTopic, "a will on another topic than the device's state");
        shared.intake.turn_away(Some(device), source, refusal, &[]);
        return Err((ConnectRefusal::NotAuthorized, "a will on a foreign topic"));
    }
    Ok(device)
}

async fn welcome<'s, S: AsyncRead + AsyncWrite + Unpin>(
    shared: &'s Shared,
    mut framed: Framed<S, DeviceCodec>,
    device: DeviceId,
    connect: &Connect,
    source: &Source,
) -> Result<Session<'s, S>, &'static str> {
    let (entry, took_over) = shared.sessions.begin(device);
    if took_over {
        shared.intake.counters().takeovers(1);
    }
    let most = shared.config.keepalive_s_max;
    let overruled = connect.keep_alive == 0 || connect.keep_alive > most;
    let keep_alive = if overruled { most } else { connect.keep_alive };
    let welcome = Outgoing::Welcome {
        receive_max: shared.config.in_flight_max,
        packet_bytes_max: u32::try_from(shared.config.packet_bytes_max).unwrap_or(u32::MAX),
        keep_alive: overruled.then_some(most),
    };
    framed.send(welcome).await.map_err(|_| "closed before CONNACK")?;
    Ok(Session::new(shared, framed, device, entry, keep_alive, source.clone()))
}

async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(
    framed: &mut Framed<S, DeviceCodec>,
    refusal: ConnectRefusal,
) {
    if let Err(error) = framed.send(Outgoing::Refused(refusal)).await {
        tracing::trace!(%error, "a refused peer had gone");
    }
}
