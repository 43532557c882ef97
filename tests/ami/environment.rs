//! A client from the environment.

use crate::common::case::{self, assert_passes};
use crate::common::guarded;
use asterisk_sync::ami::{AmiClient, AmiClientBuilder};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{AuthError, Error};

/// The cases. In a process that is none of them it has nothing to do.
#[test]
fn child() {
    let Some(case) = case::this() else { return };
    guarded(move || match &*case {
        "connects" => {
            let ami = AmiClient::from_env().unwrap();
            assert_eq!(ami.ping().unwrap().ping(), "Pong");
            ami.disconnect().unwrap();
        }
        "no host" | "bad port" | "bad tls" | "bad ca" => {
            let failed = AmiClientBuilder::from_env().unwrap_err();
            assert!(matches!(failed, Error::Invalid(_)), "{failed:?}");
            let what = match &*case {
                "no host" => "ASTERISK_HOST",
                "bad port" => "ASTERISK_AMI_PORT",
                "bad tls" => "ASTERISK_AMI_TLS",
                _ => "ASTERISK_TLS_CA",
            };
            assert!(failed.to_string().contains(what), "{failed}");
        }
        "no secret" => {
            let failed = AmiClient::from_env().unwrap_err();
            assert!(matches!(failed, Error::Auth(AuthError::MissingCredentials(_))), "{failed:?}");
        }
        "untrusted" => {
            let failed = AmiClient::from_env().unwrap_err();
            assert!(matches!(failed, Error::Connection(_)), "{failed:?}");
            assert!(!failed.is_retryable());
        }
        other => panic!("no such case: {other}"),
    });
}

#[test]
fn it_says_where_to_connect_and_as_whom() {
    let fake = FakeAmi::builder().credentials("watcher", "s3cret").start().unwrap();
    let port = fake.port().to_string();
    let user = [("ASTERISK_AMI_USER", "watcher"), ("ASTERISK_AMI_SECRET", "s3cret")];
    let host = format!("127.0.0.1:{port}");
    assert_passes("connects", &[user[0], user[1], ("ASTERISK_HOST", &host)]);
    let apart = [("ASTERISK_HOST", "127.0.0.1"), ("ASTERISK_AMI_PORT", &*port)];
    assert_passes("connects", &[user[0], user[1], apart[0], apart[1]]);
    let plain = [("ASTERISK_AMI_TLS", "no")];
    assert_passes("connects", &[user[0], user[1], apart[0], apart[1], plain[0]]);
    assert_eq!(fake.logins(), 3);
    // A case that fails is seen to.
    assert!(!case::run("no host", &[user[0], user[1], apart[0]]).status.success());
}

#[cfg(feature = "tls")]
#[test]
fn it_says_whom_to_trust() {
    let fake = FakeAmi::builder().tls().start().unwrap();
    let folder = std::env::temp_dir().join(format!("asterisk-sync-env-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, fake.ca_pem()).unwrap();
    let port = fake.port().to_string();
    let ca = ca.to_str().unwrap();
    let all = [
        ("ASTERISK_HOST", "127.0.0.1"),
        ("ASTERISK_AMI_PORT", &*port),
        ("ASTERISK_AMI_USER", "admin"),
        ("ASTERISK_AMI_SECRET", "secret"),
        ("ASTERISK_AMI_TLS", "yes"),
        ("ASTERISK_TLS_CA", ca),
    ];
    assert_passes("connects", &all);
    assert_passes("untrusted", &all[..5]);
    let gone = format!("{ca}.gone");
    let missing = ("ASTERISK_TLS_CA", &*gone);
    assert_passes("bad ca", &[all[0], all[1], all[2], all[3], all[4], missing]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let good = [
        ("ASTERISK_HOST", "127.0.0.1"),
        ("ASTERISK_AMI_USER", "admin"),
        ("ASTERISK_AMI_SECRET", "secret"),
    ];
    assert_passes("no host", &good[1..]);
    assert_passes("no host", &[("ASTERISK_HOST", ""), good[1], good[2]]);
    assert_passes("no secret", &good[..2]);
    assert_passes("no secret", &[good[0], good[2]]);
    assert_passes("bad port", &[good[0], good[1], good[2], ("ASTERISK_AMI_PORT", "70000")]);
    assert_passes("bad tls", &[good[0], good[1], good[2], ("ASTERISK_AMI_TLS", "perhaps")]);
}
