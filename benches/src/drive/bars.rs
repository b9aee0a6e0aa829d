//! Reads `bars.toml`: tables `[[bar]]` of strings and numbers, nothing more of the language.

/// What an operation may cost at most.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bar {
    pub(crate) id: String,
    pub(crate) what: String,
    pub(crate) unit: String,
    pub(crate) max: f64,
}

impl Bar {
    /// Within the larger of 2 and 3 %.
    pub(crate) fn holds(&self, ours: f64) -> bool {
        ours <= self.max + (self.max * 0.03).max(2.0)
    }
}

/// The bars in the file's order.
pub(crate) fn read(text: &str) -> Result<Vec<Bar>, String> {
    let mut bars: Vec<Bar> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line == "[[bar]]" {
            bars.push(Bar::default());
            continue;
        }
        let wrong = || format!("bars.toml: what is `{line}`?");
        let bar = bars.last_mut().ok_or_else(wrong)?;
        let (key, value) = line.split_once('=').ok_or_else(wrong)?;
        let value = value.trim().trim_matches('"');
        match key.trim() {
            "id" => bar.id = value.to_owned(),
            "what" => bar.what = value.to_owned(),
            "unit" => bar.unit = value.to_owned(),
            "max" => bar.max = value.parse().map_err(|_| wrong())?,
            _ => return Err(wrong()),
        }
    }
    Ok(bars)
}
