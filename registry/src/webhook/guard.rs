//! The guard: a webhook leads to somebody out there, not into the network that the registry itself stands in.
//!
//! What a name resolves to is looked at where the connection is made, so that a name that changes its mind between a
//! look and a connection gains nothing. Redirects are not followed.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::outbound;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which addresses may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet.
    Public,
    /// Any, also on this machine and around it.
    Anywhere,
}

/// Why an address may not be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Not a URL that can be posted to.
    #[error("is not the address of a web server: expected such as https://example.com/hook")]
    Url,
    /// It holds a name and a password.
    #[error("holds a name or a password, which would stand in the log")]
    Credentials,
    /// It leads into the network that the registry stands in.
    #[error("leads to {0}, which is not an address of the public internet")]
    Private(IpAddr),
}

/// Looks at an address, as far as that can be done without asking anybody what its name stands for.
pub fn look(text: &str, reach: Reach) -> Result<Url, GuardError> {
    let url = Url::parse(text).map_err(|_| GuardError::Url)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(GuardError::Url);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(GuardError::Credentials);
    }
    let host = url.host_str().ok_or(GuardError::Url)?;
    // An address that is a number resolves to itself, without the resolver below.
    if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>()
        && reach == Reach::Public
        && !is_public(ip)
    {
        return Err(GuardError::Private(ip));
    }
    Ok(url)
}

/// A client that reaches so far.
pub fn client(reach: Reach) -> Result<reqwest::Client, reqwest::Error> {
    // A proxy would resolve names by itself, past the guard.
    let builder = outbound::builder(PATIENCE).no_proxy();
    match reach {
        Reach::Public => builder.dns_resolver(Arc::new(Guarded)).build(),
        Reach::Anywhere => builder.build(),
    }
}

/// Resolves names to public addresses only.
struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // One private address among public ones is as bad as only that.
            if let Some(private) = found.iter().find(|address| !is_public(address.ip())) {
                return Err(GuardError::Private(private.ip()).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        // Shared by providers; for protocols; for measurements.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // An address of the older kind in a newer coat: mapped, translated, tunnelled.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            inner(high, low)
        }
        [0x2002, high, low, ..] => inner(high, low),
        // Tunnels that hide where they lead; documentation.
        [0x2001, 0 | 0xdb8, ..] => false,
        // Only this part is given to the public internet at all.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_reached() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_address_in_any_writing_is_seen_for_what_it_is() {
        for text in [
            "http://127.0.0.1/x",
            "http://127.1/x",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "https://[::1]:8080/",
            "https://[::ffff:10.0.0.1]/",
        ] {
            let refused = look(text, Reach::Public);
            assert!(matches!(refused, Err(GuardError::Private(_))), "{text} {refused:?}");
            assert!(look(text, Reach::Anywhere).is_ok(), "{text}");
        }
        assert_eq!(look("https://a:b@example.com/", Reach::Anywhere), Err(GuardError::Credentials));
        for text in ["", "example.com", "ftp://example.com", "file:///etc/passwd"] {
            assert_eq!(look(text, Reach::Anywhere), Err(GuardError::Url), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_stands_for_this_machine_is_refused_where_it_is_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = look(&format!("http://localhost:{port}/"), Reach::Public).unwrap();

        let error = client(Reach::Public).unwrap().post(url).send().await.unwrap_err();

        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
        let chain = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        assert!(chain.contains("not an address of the public internet"), "{chain}");
    }
}
