//! Handles that close themselves.
use std::ffi::CString;

use conclave_sys as sys;

use crate::error::{Error, Result};

/// A handle of calls, sources and sinks, which any threads may use at once: `Send` and `Sync` come by themselves.
#[derive(Debug)]
pub(crate) struct Handle(pub(crate) u64);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: a number; the library checks it.
        unsafe { sys::conclave_close(self.0) };
    }
}

/// A text for the C interface.
pub(crate) fn c_text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error { code: sys::CONCLAVE_INVALID_ARGUMENT, detail: "a text holds a zero".into(), participant: None })
}

/// A timeout as the library counts it; `None`: an hour.
pub(crate) fn micros(timeout: Option<std::time::Duration>) -> i64 {
    timeout.map_or(-1, |t| i64::try_from(t.as_micros()).unwrap_or(i64::MAX))
}
