//! Handles that close themselves.
use std::ffi::CString;

use conclave_sys as sys;

use crate::error::{check, Error, Result};

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

/// Bytes whose number is asked for first.
pub(crate) fn fetched(fetch: impl Fn(*mut u8, *mut usize) -> i32) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut size = bytes.len();
        let result = fetch(bytes.as_mut_ptr(), &mut size);
        if result != sys::CONCLAVE_BUFFER_TOO_SMALL {
            bytes.truncate(size);
            return check(result).map(|()| bytes);
        }
        bytes.resize(size, 0);
    }
}
