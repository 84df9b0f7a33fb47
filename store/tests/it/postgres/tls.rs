//! TLS to a real server with an authority of the test's own: who cannot prove to be the server is not talked to.

use super::Server;
use lenke_store::{PostgresConfig, PostgresStore, Store as _, StoreError};
use lenke_test_cluster::program;
use sqlx::{Executor, Row as _};
use std::{error::Error, path::Path};

/// Runs openssl in the server's folder and as its user, who must own the keys.
fn openssl(folder: &Path, arguments: &str) {
    let made = program("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&made.stderr));
}

/// Two authorities, and a certificate of the first for 127.0.0.1 only.
fn make_certificates(folder: &Path) {
    for name in ["ours", "foreign"] {
        openssl(
            folder,
            &format!(
                "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.crt -days 2 -subj /CN={name} -addext basicConstraints=critical,CA:TRUE"
            ),
        );
    }
    openssl(
        folder,
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server -addext subjectAltName=IP:127.0.0.1",
    );
    openssl(
        folder,
        "x509 -req -in server.csr -CA ours.crt -CAkey ours.key -CAcreateserial -out server.crt -days 2 -copy_extensions copy",
    );
}

fn chain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_server_whose_certificate_the_given_authority_signed_is_talked_to() {
    let server = Server::start().await;
    let url = server.cluster.database("tls").await;
    let folder = server.cluster.folder().to_owned();
    make_certificates(&folder);
    let mut connection = server.cluster.connection("tls").await;
    for (name, value) in [("ssl_cert_file", "server.crt"), ("ssl_key_file", "server.key")] {
        let sql = format!("ALTER SYSTEM SET {name} = '{}'", folder.join(value).display());
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
    connection.execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    connection.execute("SELECT pg_reload_conf()").await.unwrap();
    let with = |mode: &str, authority: &str| {
        let tls = format!("sslmode={mode}&sslrootcert={}", folder.join(authority).display());
        PostgresConfig::new(url.replace("sslmode=disable", &tls))
    };
    // The server takes a moment to read its settings.
    let mut opened = PostgresStore::open(&with("verify-full", "ours.crt")).await;
    for _ in 0..100 {
        if opened.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        opened = PostgresStore::open(&with("verify-full", "ours.crt")).await;
    }
    let store = opened.unwrap();
    store.set_meta("a", "b").await.unwrap();
    let sessions = connection
        .fetch_all("SELECT ssl, version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'lenke'")
        .await
        .unwrap();
    assert!(!sessions.is_empty() && sessions.iter().all(|session| session.get::<bool, _>(0)));
    assert!(sessions.iter().all(|session| session.get::<String, _>(1) == "TLSv1.3"));

    let foreign = PostgresStore::open(&with("verify-full", "foreign.crt")).await.unwrap_err();
    assert!(chain(&foreign).to_lowercase().contains("certificate"), "{}", chain(&foreign));
    let named = url.replace("127.0.0.1", "localhost");
    let tls = format!("sslmode=verify-full&sslrootcert={}", folder.join("ours.crt").display());
    let other_name =
        PostgresStore::open(&PostgresConfig::new(named.replace("sslmode=disable", &tls))).await.unwrap_err();
    assert!(chain(&other_name).contains("localhost"), "{}", chain(&other_name));
    assert!(
        matches!(foreign, StoreError::Connect { .. }) && matches!(other_name, StoreError::Connect { .. })
    );
}
