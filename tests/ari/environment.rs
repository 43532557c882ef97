//! A client of ARI from the environment.

use crate::common::case::{self, assert_passes};
use crate::common::guarded;
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriClient, AriConfig};
use asterisk_sync::testing::FakeAri;
use asterisk_sync::{AuthError, Error};

/// The cases. In a process that is none of them it has nothing to do.
#[test]
fn child() {
    let Some(case) = case::this() else { return };
    guarded(move || match &*case {
        "connects" | "connects to two" => {
            let ari = AriClient::from_env().unwrap();
            assert_eq!(asterisk::ping(&ari).unwrap().ping, "pong");
            let all: &[&str] = if case == "connects" { &["desk"] } else { &["desk", "hall"] };
            assert_eq!(ari.applications(), all);
        }
        "no application" | "no place" | "bad port" | "bad url" | "bad application" | "bad ca" => {
            let failed = AriConfig::from_env().unwrap_err();
            assert!(matches!(failed, Error::Invalid(_)), "{failed:?}");
            let what = match &*case {
                "no application" => "ASTERISK_ARI_APP",
                "no place" => "ASTERISK_ARI_URL",
                "bad port" => "ASTERISK_ARI_PORT",
                "bad url" => "URL",
                "bad application" => "application",
                _ => "ASTERISK_TLS_CA",
            };
            assert!(failed.to_string().contains(what), "{failed}");
            assert!(!failed.to_string().contains("s3cret"), "{failed}");
        }
        "no user" | "no password" => {
            let failed = AriConfig::from_env().unwrap_err();
            let Error::Auth(AuthError::MissingCredentials(what)) = &failed else {
                panic!("{failed:?}")
            };
            assert_eq!(format!("no {what}"), case);
        }
        "untrusted" => {
            let failed = AriClient::from_env().unwrap_err();
            assert!(matches!(failed, Error::Connection(_)), "{failed:?}");
            assert!(!failed.is_retryable());
        }
        other => panic!("no such case: {other}"),
    });
}

const USER: (&str, &str) = ("ASTERISK_ARI_USER", "watcher");
const PASSWORD: (&str, &str) = ("ASTERISK_ARI_PASSWORD", "s3cret");
const ONE: (&str, &str) = ("ASTERISK_ARI_APP", "desk");

#[test]
fn it_says_where_to_connect_as_whom_and_what_for() {
    let fake = FakeAri::builder().credentials("watcher", "s3cret").prefix("/pbx").start().unwrap();
    let (url, port) = (fake.url(), fake.port().to_string());
    let at = ("ASTERISK_ARI_URL", &*url);
    assert_passes("connects", &[USER, PASSWORD, ONE, at]);
    // The URL counts where there are both.
    let elsewhere = [("ASTERISK_HOST", "192.0.2.1"), ("ASTERISK_ARI_PORT", "1")];
    assert_passes("connects", &[USER, PASSWORD, ONE, at, elsewhere[0], elsewhere[1]]);
    assert_passes("connects to two", &[USER, PASSWORD, ("ASTERISK_ARI_APP", "desk, hall"), at]);
    let plain = FakeAri::builder().credentials("watcher", "s3cret").start().unwrap();
    let plain_port = plain.port().to_string();
    let apart = [("ASTERISK_HOST", "127.0.0.1"), ("ASTERISK_ARI_PORT", &*plain_port)];
    assert_passes("connects", &[USER, PASSWORD, ONE, apart[0], apart[1]]);
    let host = format!("127.0.0.1:{plain_port}");
    assert_passes("connects", &[USER, PASSWORD, ONE, ("ASTERISK_HOST", &host)]);
    // Whom to trust has nothing to do where TLS is not spoken, and is looked at all the same.
    let missing = ("ASTERISK_TLS_CA", "/nowhere/ca.pem");
    #[cfg(feature = "tls")]
    assert_passes("bad ca", &[USER, PASSWORD, ONE, at, missing]);
    #[cfg(not(feature = "tls"))]
    assert_passes("connects", &[USER, PASSWORD, ONE, at, missing]);
    // A case that fails is seen to.
    let wrong = ("ASTERISK_ARI_PORT", &*port);
    assert!(!case::run("no place", &[USER, PASSWORD, ONE, apart[0], wrong]).status.success());
}

#[cfg(feature = "tls")]
#[test]
fn it_says_whom_to_trust() {
    let fake = FakeAri::builder().credentials("watcher", "s3cret").tls().start().unwrap();
    let folder = std::env::temp_dir().join(format!("asterisk-sync-ari-env-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, fake.ca_pem()).unwrap();
    let url = fake.url();
    let all = [
        USER,
        PASSWORD,
        ONE,
        ("ASTERISK_ARI_URL", &*url),
        ("ASTERISK_TLS_CA", ca.to_str().unwrap()),
    ];
    assert_passes("connects", &all);
    assert_passes("untrusted", &all[..4]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let at = ("ASTERISK_ARI_URL", "http://127.0.0.1:1");
    let host = ("ASTERISK_HOST", "127.0.0.1");
    let all = [USER, PASSWORD, ONE, at];
    assert_passes("no application", &[USER, PASSWORD, at]);
    assert_passes("no application", &[USER, PASSWORD, at, ("ASTERISK_ARI_APP", "")]);
    assert_passes("no user", &[PASSWORD, ONE, at]);
    assert_passes("no user", &[("ASTERISK_ARI_USER", ""), PASSWORD, ONE, at]);
    assert_passes("no password", &[USER, ONE, at]);
    assert_passes("no place", &all[..3]);
    for port in ["70000", "-1", "http"] {
        let port = ("ASTERISK_ARI_PORT", port);
        assert_passes("bad port", &[USER, PASSWORD, ONE, host, port]);
    }
    for url in ["ftp://pbx", "http://watcher:s3cret@pbx", "http://"] {
        assert_passes("bad url", &[USER, PASSWORD, ONE, ("ASTERISK_ARI_URL", url)]);
    }
    for apps in ["desk,", ",desk", "desk,desk", "desk,,hall"] {
        assert_passes("bad application", &[USER, PASSWORD, ("ASTERISK_ARI_APP", apps), at]);
    }
}
