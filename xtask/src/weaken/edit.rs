//! Insertions into a text that keep its lines, and where everything comes to stand.

use std::ops::Range;

struct Insertion {
    at: usize,
    /// What comes first at one place.
    order: isize,
    text: String,
    /// Whose it is.
    number: usize,
    /// Where it stands in the new text.
    stands: usize,
}

#[derive(Default)]
pub(crate) struct Edits {
    list: Vec<Insertion>,
    blanks: Vec<Range<usize>>,
}

impl Edits {
    fn insert(&mut self, number: usize, at: usize, order: isize, text: &str) {
        self.list.push(Insertion { at, order, text: text.to_owned(), number, stands: 0 });
    }

    /// Puts two texts around a range. What is wrapped later lies inside, or elsewhere.
    pub(crate) fn wrap(&mut self, number: usize, range: Range<usize>, open: &str, close: &str) {
        let order = self.list.len() as isize + 1;
        self.insert(number, range.start, order, open);
        self.insert(number, range.end, -order, close);
    }

    /// Puts a text before a position, outside of what is wrapped there later.
    pub(crate) fn before(&mut self, number: usize, position: usize, text: &str) {
        self.insert(number, position, self.list.len() as isize + 1, text);
    }

    /// Turns a range into blanks.
    pub(crate) fn blank(&mut self, range: Range<usize>) {
        self.blanks.push(range);
    }

    /// The new text.
    pub(crate) fn apply(&mut self, text: &str) -> String {
        self.list.sort_by_key(|i| (i.at, i.order));
        let mut bytes = text.as_bytes().to_vec();
        for range in &self.blanks {
            bytes[range.clone()].fill(b' ');
        }
        let text = String::from_utf8(bytes).expect("only whole words are turned into blanks");
        let mut out = String::new();
        let mut from = 0;
        for insertion in &mut self.list {
            out += &text[from..insertion.at];
            insertion.stands = out.len();
            out += &insertion.text;
            from = insertion.at;
        }
        out + &text[from..]
    }

    /// Where a byte of the old text stands in the new one.
    pub(crate) fn moved(&self, position: usize) -> usize {
        position + self.list.iter().filter(|i| i.at <= position).map(|i| i.text.len()).sum::<usize>()
    }

    /// Whose insertions are around a byte of the new text, the narrowest first.
    pub(crate) fn around(&self, position: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for open in &self.list {
            // A text alone is one range, two are the ends of one.
            let close = self.list.iter().find(|i| i.number == open.number && i.order == -open.order).unwrap_or(open);
            let range = open.stands..close.stands + close.text.len();
            if range.contains(&position) {
                found.push((range.len(), open.number));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, number)| number).collect()
    }

    /// Whose insertions stand nearest to a byte of the new text.
    pub(crate) fn nearest(&self, position: usize) -> Option<usize> {
        self.list.iter().min_by_key(|i| i.stands.abs_diff(position)).map(|i| i.number)
    }
}
