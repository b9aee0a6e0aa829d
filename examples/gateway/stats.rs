//! `/stats`: the numbers so far and how the services do, as JSON for a program and as a page for a browser.

use crate::{
    counts::Counts,
    guards::Health,
    http::Answer,
    render::{document, quote},
};
use taskcell::CacheStatistics;

/// What there is to be seen.
pub(crate) struct Stats {
    pub(crate) counts: Counts,
    pub(crate) listeners: usize,
    pub(crate) armed: usize,
    pub(crate) cache: CacheStatistics,
    pub(crate) services: Vec<Health>,
}

impl Stats {
    /// `/stats?json`
    pub(crate) fn json(&self) -> Answer {
        let counts: Vec<String> =
            self.rows().map(|(name, number)| format!("{}: {number}", quote(&key(name)))).collect();
        let services: Vec<String> = self.services.iter().map(service_json).collect();
        let CacheStatistics { hits, misses, loads, failures, evictions, .. } = self.cache;
        let body = format!(
            "{{\"counts\": {{{}}},\n\"cache\": {{\"hits\": {hits}, \"misses\": {misses}, \"loads\": {loads}, \
             \"failures\": {failures}, \"evictions\": {evictions}}},\n\"services\": [{}]}}\n",
            counts.join(", "),
            services.join(",\n")
        );
        Answer { status: 200, content_type: "application/json", body }
    }

    /// `/stats`
    pub(crate) fn html(&self) -> Answer {
        let services: String = self.services.iter().map(service_html).collect();
        let CacheStatistics { hits, misses, loads, failures, evictions, .. } = self.cache;
        let largest = self.rows().map(|(_, number)| number).max().unwrap_or(0).max(1);
        let counts: String = self.rows().map(|(name, number)| bar(name, number, largest)).collect();
        let joined = misses.saturating_sub(loads);
        let body = format!(
            "<meta http-equiv=refresh content=2>\n<style>table {{ border-collapse: collapse }} td, th {{ padding: .2em \
             1em .2em 0; text-align: left }} .bar {{ display: inline-block; height: .8em; background: #48c }}\n\
             .state {{ padding: 0 .6em; border-radius: .8em; color: #fff; background: #2a2 }} .open, .isolated \
             {{ background: #b00 }} .half-open {{ background: #c80 }}</style>\n<h1>The gateway's numbers</h1>\n\
             <table><tr><th>service<th>circuit<th>calls<th>failed<th>not let through<th>opened<th>requests now<th>\
             waiting\n{services}</table>\n<p>Cache: {hits} parts were fresh, {joined} came of a call that was under way, \
             {loads} calls were made, {failures} of them failed, {evictions} answers made room for others.</p>\n\
             <table>\n{counts}</table>\n<p><a href='/stats?json'>as JSON</a>, <a href='/'>back</a></p>\n"
        );
        document("the gateway's numbers", &body)
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.counts.rows().into_iter().chain([("listeners now", self.listeners), ("armed timers now", self.armed)])
    }
}

/// A row's name as JSON's programs like it.
fn key(name: &str) -> String {
    name.replace(',', "").replace(' ', "_")
}

fn service_json(service: &Health) -> String {
    let Health { name, circuit, bulkhead } = service;
    format!(
        "{{\"name\": {}, \"circuit\": {}, \"retry_after_ms\": {}, \"successes\": {}, \"failures\": {}, \"rejected\": {}, \
         \"trips\": {}, \"bulkhead\": {{\"limit\": {}, \"running\": {}, \"queued\": {}, \"rejected\": {}}}}}",
        quote(name),
        quote(&circuit.state.to_string()),
        circuit.retry_after.as_millis(),
        circuit.successes,
        circuit.failures,
        circuit.rejected,
        circuit.trips,
        bulkhead.limit,
        bulkhead.running,
        bulkhead.queued,
        bulkhead.rejected
    )
}

fn service_html(service: &Health) -> String {
    let Health { name, circuit, bulkhead } = service;
    let (state, running) = (circuit.state, bar_of(bulkhead.running, bulkhead.limit.get()));
    format!(
        "<tr><td>{name}<td><span class='state {state}'>{state}</span><td>{}<td>{}<td>{}<td>{}<td>{running}<td>{}\n",
        circuit.successes + circuit.failures,
        circuit.failures,
        circuit.rejected + bulkhead.rejected,
        circuit.trips,
        bulkhead.queued
    )
}

fn bar(name: &str, number: usize, largest: usize) -> String {
    format!("<tr><td>{name}<td>{}\n", bar_of(number, largest))
}

fn bar_of(number: usize, largest: usize) -> String {
    format!("<span class=bar style='width: {:.1}em'></span> {number}", 20.0 * number as f64 / largest as f64)
}
