//! How a channel does: KPIs, baselines, service levels, costs, phases and reports, as pure functions over records.
