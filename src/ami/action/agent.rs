//! Agents who log in to take calls.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists the agents. Needs `agent`.
    AgentsAction = "Agents" () -> Response [event::Agents, AgentsComplete] {}

    /// Logs an agent off. Refused with `No such agent` if there is none. Needs `agent`.
    AgentLogoffAction = "AgentLogoff" (
        /// the agent's id.
        agent: text = "Agent",
    ) -> Response {
        /// Whether to let a call end first.
        soft: bool = "Soft",
    }
}
