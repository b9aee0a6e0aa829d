//! What was written down by hand: the bars, and why some of them are missed.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What an operation may cost at most.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Bar {
    pub(crate) id: String,
    pub(crate) what: String,
    pub(crate) unit: String,
    pub(crate) max: f64,
}

impl Bar {
    /// Within the larger of 2 and 3 %.
    pub(crate) fn holds(&self, ours: f64) -> bool {
        ours <= tolerated(self.max)
    }
}

/// What is not told apart from this number.
pub(crate) fn tolerated(number: f64) -> f64 {
    number + (number * 0.03).max(2.0)
}

/// Why bars are missed, or peers cheaper.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Argument {
    /// Ids whose bar is missed.
    #[serde(default)]
    pub(crate) bars: Vec<String>,
    /// Ids where a peer is cheaper.
    #[serde(default)]
    pub(crate) peers: Vec<String>,
    pub(crate) why: String,
}

/// What a peer gets wrong, and the tests of ours that would fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) peer: String,
    pub(crate) fault: String,
    pub(crate) tests: Vec<String>,
}

/// The three files.
pub(crate) struct Written {
    pub(crate) bars: Vec<Bar>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) claims: Vec<Claim>,
}

impl Written {
    pub(crate) fn read() -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Bars {
            bar: Vec<Bar>,
        }
        #[derive(Deserialize)]
        struct Arguments {
            argument: Vec<Argument>,
        }
        #[derive(Deserialize)]
        struct Claims {
            claim: Vec<Claim>,
        }
        let bars: Bars = parse("bars.toml", include_str!("../../bars.toml"))?;
        let arguments: Arguments = parse("arguments.toml", include_str!("../../arguments.toml"))?;
        let claims: Claims = parse("correctness.toml", include_str!("../../correctness.toml"))?;
        Ok(Self { bars: bars.bar, arguments: arguments.argument, claims: claims.claim })
    }
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| format!("{file}: {error}"))
}
