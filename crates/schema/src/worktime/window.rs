//! Windows of a day and of a week, and how they are written: `["09:00", "12:00"]`, `{ "mon": [["09:00", "12:00"]] }`.

use jiff::civil::Weekday;
use serde_json::Value as Json;

const DAY: u16 = 24 * 60;
/// Keys of a week's JSON, Monday first.
const KEYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Working time of a day: from a minute to a later one, which is no longer part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    start: u16,
    end: u16,
}

/// What is wrong with windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// They are not written as windows.
    #[error("not a list of pairs of times")]
    Shape,
    /// One ends before it starts.
    #[error("a window ends before it starts")]
    Backward,
    /// They are not in order, or two lie over each other.
    #[error("windows overlap or are not in order")]
    Overlap,
}

impl Fault {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Shape => "worktime.shape",
            Self::Backward => "worktime.backward",
            Self::Overlap => "worktime.overlap",
        }
    }
}

impl Window {
    /// Midnight to midnight.
    pub(super) const ALL_DAY: [Self; 1] = [Self { start: 0, end: DAY }];

    /// From one minute of the day to a later one.
    ///
    /// # Errors
    /// It ends before it starts, or after the day.
    pub fn new(start: u16, end: u16) -> Result<Self, Fault> {
        if end > DAY {
            Err(Fault::Shape)
        } else if start >= end {
            Err(Fault::Backward)
        } else {
            Ok(Self { start, end })
        }
    }
    /// Its first minute.
    #[must_use]
    pub fn start(self) -> u16 {
        self.start
    }
    /// The minute it ends at.
    #[must_use]
    pub fn end(self) -> u16 {
        self.end
    }
}

/// `HH:MM`, with `24:00` as the end of the day.
fn minute(j: &Json) -> Option<u16> {
    let (h, m) = j.as_str()?.split_once(':')?;
    let number = |t: &str| if t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit()) { t.parse::<u16>().ok() } else { None };
    let (h, m) = (number(h)?, number(m)?);
    (m < 60 && h * 60 + m <= DAY).then_some(h * 60 + m)
}

/// Reads the windows of a day: in order and beside each other.
///
/// # Errors
/// What is wrong with them.
pub fn windows(j: &Json) -> Result<Vec<Window>, Fault> {
    let mut out: Vec<Window> = vec![];
    for pair in j.as_array().ok_or(Fault::Shape)? {
        let [start, end] = pair.as_array().ok_or(Fault::Shape)?.as_slice() else { return Err(Fault::Shape) };
        let w = Window::new(minute(start).ok_or(Fault::Shape)?, minute(end).ok_or(Fault::Shape)?)?;
        if out.last().is_some_and(|before| before.end > w.start) {
            return Err(Fault::Overlap);
        }
        out.push(w);
    }
    Ok(out)
}

/// The windows of each weekday, Monday first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weekly(pub(super) [Vec<Window>; 7]);

impl Weekly {
    /// Reads a week; days it does not name are free.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(j: &Json) -> Result<Self, Fault> {
        let mut out = Self::default();
        for (key, day) in j.as_object().ok_or(Fault::Shape)? {
            let at = KEYS.iter().position(|k| k == key).ok_or(Fault::Shape)?;
            out.0[at] = windows(day)?;
        }
        Ok(out)
    }
    /// R-SLA-02: Monday to Friday, 09:00–12:00 and 13:30–18:00.
    pub fn office() -> Self {
        let day = vec![Window { start: 540, end: 720 }, Window { start: 810, end: 1080 }];
        let free = Vec::new;
        Self([day.clone(), day.clone(), day.clone(), day.clone(), day, free(), free()])
    }
    /// No day has a window.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }
    pub(super) fn on(&self, day: Weekday) -> &[Window] {
        &self.0[usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)]
    }
    /// Windows of a make-up workday that has none of its own: Monday's, or where Monday is free those of the first day that is not.
    pub(super) fn make_up(&self) -> &[Window] {
        self.0.iter().find(|d| !d.is_empty()).map_or(&[], Vec::as_slice)
    }
}
