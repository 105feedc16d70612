//! One worker's view of the upstreams: its own connections to each, and whose turn it is.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::access::Portal;
use crate::clock::Timestamp;
use crate::proxy::failure::Failure;
use crate::proxy::pool::Lane;
use crate::proxy::settings::Settings;
use crate::proxy::upstreams::{Table, Upstreams};

/// Where one portal's requests go.
#[derive(Debug)]
pub(super) struct Route {
    table: Arc<Table>,
    index: usize,
    pub(super) settings: Settings,
    lanes: Vec<Rc<Lane>>,
    turn: Cell<usize>,
}

impl Route {
    fn name(&self) -> Option<&str> {
        self.table.portals.get(self.index).map(|portal| &*portal.name)
    }

    /// The lanes in the order in which a request should try them: those that are up, beginning with the next in turn, then the
    /// one that has been down longest. The last one is tried since health is hearsay: a single upstream that was away for a
    /// moment must not turn a portal off for ten seconds.
    pub(super) fn order(&self, now: Timestamp) -> impl Iterator<Item = &Rc<Lane>> {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let from = turn.checked_rem(self.lanes.len()).unwrap_or(0);
        let (after, before) = (self.lanes.iter().skip(from), self.lanes.iter().take(from));
        let up = after.chain(before).filter(move |lane| lane.upstream.health.is_up(now));
        let down = self.lanes.iter().filter(move |lane| !lane.upstream.health.is_up(now));
        up.chain(down.min_by_key(|lane| lane.upstream.health.paused_until()))
    }
}

/// All portals of one worker.
#[derive(Debug)]
pub(super) struct Routes {
    upstreams: Arc<Upstreams>,
    built: RefCell<(Arc<Table>, Vec<Rc<Route>>)>,
}

impl Routes {
    pub(super) fn new(upstreams: Arc<Upstreams>) -> Self {
        let table = upstreams.table.load_full();
        let routes = build(&table, &[]);
        Self { upstreams, built: RefCell::new((table, routes)) }
    }

    /// Where this portal's requests go. By name, not by place alone: a request that was judged before a reload must not end
    /// at the portal that has taken the place of its own.
    pub(super) fn find(&self, portal: &Portal) -> Result<Rc<Route>, Failure> {
        self.follow();
        let built = self.built.borrow();
        let named = |route: &&Rc<Route>| route.name() == Some(&portal.name);
        let found = built.1.get(portal.index).filter(named).or_else(|| built.1.iter().find(named));
        found.map(Rc::clone).ok_or_else(|| Failure::UnknownPortal(Arc::clone(&portal.name)))
    }

    /// Closes idle connections whose time is over.
    pub(super) fn sweep(&self, uptime: Duration) {
        self.follow();
        for route in &self.built.borrow().1 {
            for lane in &route.lanes {
                lane.sweep(uptime);
            }
        }
    }

    /// Takes over what a reload has changed.
    fn follow(&self) {
        let mut built = self.built.borrow_mut();
        let current = self.upstreams.table.load();
        if !Arc::ptr_eq(&built.0, &current) {
            let table = Arc::clone(&current);
            let routes = build(&table, &built.1);
            *built = (table, routes);
        }
    }

    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.built.borrow().1.iter().flat_map(|route| &route.lanes).map(|lane| lane.idle()).sum()
    }
}

fn build(table: &Arc<Table>, previous: &[Rc<Route>]) -> Vec<Rc<Route>> {
    let known = || previous.iter().flat_map(|route| &route.lanes);
    let route = |(index, portal): (usize, &crate::proxy::upstreams::PortalUpstreams)| {
        let lanes = portal.upstreams.iter().map(|upstream| {
            let kept = known().find(|lane| Arc::ptr_eq(&lane.upstream, upstream));
            kept.map_or_else(|| Lane::new(Arc::clone(upstream)), Rc::clone)
        });
        Rc::new(Route {
            table: Arc::clone(table),
            index,
            settings: portal.settings.clone(),
            lanes: lanes.collect(),
            turn: Cell::new(0),
        })
    };
    table.portals.iter().enumerate().map(route).collect()
}
