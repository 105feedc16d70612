//! Values that several sections have: lines of text, groups, networks, addresses.

use std::net::SocketAddr;

use ipnet::{IpNet, Ipv4Net};

use super::reader::{Complaint, Reader};
use crate::config::values::network;

/// One line of text for people, not empty, of at most so many characters.
pub(super) fn line(text: &str, most: usize) -> Result<String, Complaint> {
    if text.trim().is_empty() {
        return Err(Complaint::new("is empty", "give a name"));
    }
    if text.contains(char::is_control) {
        return Err(Complaint::new("has control characters", "give one line of plain text"));
    }
    if text.chars().count() > most {
        return Err(Complaint::new(format!("has more than {most} characters"), "give a shorter one"));
    }
    Ok(text.to_owned())
}

/// A group's name: not empty, no comma, no control characters, no white space at its ends.
pub(super) fn group(text: &str) -> Result<String, Complaint> {
    if text.is_empty() {
        return Err(Complaint::new("is an empty group name, and nobody is in it", "give a name, or take it out"));
    }
    if text.contains(',') || text.contains(char::is_control) || text.trim() != text {
        return Err(Complaint::new("is no group name", "write it without commas, line breaks and spaces at its ends"));
    }
    Ok(text.to_owned())
}

/// A list of networks. Bits beyond the prefix are cut off, with a warning.
pub(super) fn networks(reader: &mut Reader<'_>, key: &str) -> Vec<IpNet> {
    let complaint =
        || Complaint::new("is no network", "give an address with or without prefix, like 192.0.2.0/24 or 2001:db8::1");
    let networks = reader.list(key, |text| {
        let network = network(text).ok_or_else(complaint)?;
        match plain(network) {
            Some(plain) => {
                Err(Complaint::new("is IPv4 in the dress of IPv6, which no client has here", format!("write {plain}")))
            }
            None => Ok(network),
        }
    });
    for network in networks.iter().filter(|network| network.trunc() != **network) {
        let wrong = format!("has {network}, whose address has bits beyond its prefix");
        reader.warn(key, Complaint::new(wrong, format!("it is taken as {}", network.trunc())));
    }
    networks.iter().map(IpNet::trunc).collect()
}

/// What stands in `::ffff:0:0/96` (RFC 4291, section 2.5.5.2): clients are known by their IPv4 address alone.
fn plain(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let prefix = network.prefix_len().checked_sub(96)?;
    Ipv4Net::new(network.addr().to_ipv4_mapped()?, prefix).ok().map(IpNet::V4)
}

/// An address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, Complaint> {
    let right = "give an address and a port, like 127.0.0.1:8443 or [::]:8443";
    text.parse().map_err(|_| Complaint::new("is no address to listen on", right))
}

/// An address to listen on, or `off`.
pub(super) fn address_or_off(text: &str) -> Result<Option<SocketAddr>, Complaint> {
    let either = |complaint: Complaint| Complaint::new(complaint.wrong, format!("{}, or \"off\"", complaint.right));
    if matches!(text, "" | "off") { Ok(None) } else { address(text).map(Some).map_err(either) }
}
