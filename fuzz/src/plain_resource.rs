//! Which URLs a resource covers, as AWS describes it: "a wildcard matches only within its section" of protocol, domain, path and
//! query, but a `*` at the end of the path covers every query, one at the end of the domain everything after it.

/// `resource` is a policy's, `url` the requested one without its fragment.
pub fn covers(resource: &str, url: &str) -> bool {
    if resource == "*" || resource == url {
        return true;
    }
    // "*example.com" is the same as "*://*example.com".
    // A `://` after a slash, a `?` or a dot belongs to a query.
    let names_a_protocol = resource.split_once("://").is_some_and(|(before, _)| !before.contains(['/', '?', '.']));
    let pattern = match (names_a_protocol, resource.starts_with('*')) {
        (true, _) => cut(resource),
        (false, true) => cut(&format!("*://{resource}")),
        (false, false) => None,
    };
    let Some(pattern) = pattern else { return false };
    let (protocol, after) = url.split_once("://").expect("a URL");
    let [domain, path, query] = parts(after, after.find(['/', '?']));
    let [wanted_protocol, wanted_domain, wanted_path, wanted_query] = pattern;
    if !matches(&wanted_protocol, protocol) || !matches(&wanted_domain, &domain) {
        return false;
    }
    if wanted_domain.ends_with('*') && wanted_path.is_empty() && wanted_query.is_empty() {
        return true;
    }
    let wanted_path = if wanted_path.is_empty() { "/".to_owned() } else { wanted_path };
    if !matches(&wanted_path, &path) {
        return false;
    }
    if wanted_query.is_empty() {
        return query.is_empty() || wanted_path.ends_with('*');
    }
    // The `?` that begins a query is no wildcard.
    !query.is_empty() && matches(&wanted_query[1..], &query[1..])
}

/// Protocol, domain, path and query of a pattern. Before the first slash a `?` is a wildcard; without a slash it begins the query.
fn cut(pattern: &str) -> Option<[String; 4]> {
    let (protocol, after) = pattern.split_once("://")?;
    if !["http", "https", "http*", "*"].contains(&protocol) {
        return None;
    }
    let [domain, path, query] = parts(after, after.find('/').or(after.find('?')));
    Some([protocol.to_owned(), domain, path, query])
}

/// Cuts after the domain and before the query; the query keeps its `?`.
fn parts(after: &str, domain_end: Option<usize>) -> [String; 3] {
    let (domain, rest) = after.split_at(domain_end.unwrap_or(after.len()));
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    [domain, path, query].map(str::to_owned)
}

/// `*` is any run of bytes, `?` any one byte. A table says which prefixes of the pattern match which prefixes of the text.
fn matches(pattern: &str, text: &str) -> bool {
    let text = text.as_bytes();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for symbol in pattern.bytes() {
        let mut next = vec![false; text.len() + 1];
        next[0] = symbol == b'*' && row[0];
        for at in 1..=text.len() {
            next[at] = match symbol {
                b'*' => row[at] || next[at - 1],
                b'?' => row[at - 1],
                byte => row[at - 1] && byte == text[at - 1],
            };
        }
        row = next;
    }
    row[text.len()]
}
