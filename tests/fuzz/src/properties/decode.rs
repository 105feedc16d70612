//! How other programs read what we send, written without looking at how we do.

/// Percent-decoding once, leniently: what is no escape stays.
pub fn percent(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if let (b'%', Some(high), Some(low)) = (text[at], digit(text.get(at + 1)), digit(text.get(at + 2))) {
            out.push(u8::try_from(high * 16 + low).unwrap());
            at += 3;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// The names that a server finds in a path which it decodes first and takes apart then, dot segments removed, or none where they
/// lead out of the root.
pub fn names(path: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for name in percent(path).split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => drop(names.pop()?),
            _ => names.push(name.to_vec()),
        }
    }
    Some(names)
}

/// The same for a server with path parameters, which it takes off each segment before it decodes.
pub fn names_without_parameters(path: &[u8]) -> Option<Vec<Vec<u8>>> {
    let bare = |segment: &[u8]| segment.split(|byte| *byte == b';').next().unwrap_or_default().to_vec();
    names(&path.split(|byte| *byte == b'/').map(bare).collect::<Vec<_>>().join(&b'/'))
}

/// Whether a pattern of literal names, `*` and `**` matches names: word for word what its documentation says.
pub fn glob(pattern: &[&str], names: &[Vec<u8>]) -> bool {
    match (pattern.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => glob(rest, names) || names.split_first().is_some_and(|(_, names)| glob(pattern, names)),
        (Some((word, pattern)), Some((name, names))) => (*word == "*" || word.as_bytes() == name) && glob(pattern, names),
        _ => false,
    }
}
