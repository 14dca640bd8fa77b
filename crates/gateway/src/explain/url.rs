//! What may be different about the URL that a provider signs.

/// Every way in which a public URL may be written otherwise, with what is different.
pub(super) fn variants(url: &str, host: Option<&str>, path: &str) -> Vec<(String, String)> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Vec::new();
    };
    let (authority, configured_path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (authority, None),
    };
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let mut found = vec![(
        format!("{other_scheme}://{rest}"),
        format!("scheme: the provider signs {other_scheme}, the endpoint has {scheme}"),
    )];
    if let Some(port) = port {
        found.push((
            format!("{scheme}://{name}{configured_path}"),
            format!("port: the provider signs none, the endpoint has {port}"),
        ));
    }
    let ports = ["443", "80", "8443", "8080", "3000", "5000", "8000"];
    for other in ports.into_iter().filter(|other| port != Some(other)) {
        found.push((
            format!("{scheme}://{name}:{other}{configured_path}"),
            format!(
                "port: the provider signs {other}, the endpoint has {}",
                port.unwrap_or("none")
            ),
        ));
    }
    found.push(match configured_path.strip_suffix('/') {
        Some(bare) => (
            format!("{scheme}://{authority}{bare}"),
            "trailing slash: the provider signs none, the endpoint has one".to_owned(),
        ),
        None => (
            format!("{url}/"),
            "trailing slash: the provider signs one, the endpoint has none".to_owned(),
        ),
    });
    if let Some(host) = host.filter(|host| *host != authority) {
        found.push((
            format!("{scheme}://{host}{configured_path}"),
            "host: the provider signs the one in the request's Host, the endpoint has another".to_owned(),
        ));
    }
    if path != configured_path {
        found.push((
            format!("{scheme}://{authority}{path}"),
            "path: the provider signs the one in the request, the endpoint has another".to_owned(),
        ));
    }
    found
}
