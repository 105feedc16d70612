//! *Cancel*: takes back an act that waits, whoever asked for it; but nobody what others have decided about them.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;
use uuid::Uuid;

use super::enter::{Note, enter};
use super::{DELAYED, HOME, Here};
use crate::admin::Cancelled;
use crate::pages::Visit;
use crate::pages::form::Fields;
use crate::pages::refusal::Refusal;

/// POST.
pub(super) async fn submit(
    State(state): Here,
    Extension(visit): Extension<Arc<Visit>>,
    fields: Fields,
) -> Result<Response, Response> {
    let admin = enter(&visit, HOME)?;
    admin.may_change(&state, &fields, DELAYED, HOME)?;
    let Ok(id) = Uuid::parse_str(fields.text("id")) else { return Err(Refusal::NotAForm.into()) };
    let event = admin.hand().event("admin.cancel");
    let cancelled = state.office.cancel(id, admin.id, admin.epoch, event).await.map_err(Refusal::from)?;
    let note = match cancelled {
        Cancelled::Done => Note::Cancelled,
        Cancelled::Gone => Note::Gone,
        Cancelled::Own => Note::Own,
        // What the next page says, if it is not the way to the sign-in.
        Cancelled::NotAdmin => Note::Nothing,
    };
    Ok(note.at(HOME))
}
