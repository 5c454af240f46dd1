//! Errors.
use std::ffi::CStr;
use std::fmt;

use conclave_sys as sys;
use sys::Sized32;

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The number of error.h.
    pub code: i32,
    /// A sentence for a developer.
    pub detail: String,
    /// The member at fault, where there is one.
    pub participant: Option<u32>,
}

/// What calls of this crate give.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The name of the code, as "invalid_state".
    pub fn name(&self) -> &'static str {
        // SAFETY: the text is static and ASCII.
        unsafe { CStr::from_ptr(sys::conclave_result_name(self.code)) }.to_str().unwrap_or("unknown")
    }

    /// What the last failed call of this thread had to say.
    pub(crate) fn last() -> Error {
        let mut error = sys::conclave_error::sized();
        // SAFETY: the struct is ours.
        unsafe { sys::conclave_last_error(&mut error) };
        let participant = if error.has_participant != 0 { Some(error.participant) } else { None };
        Error { code: error.code, detail: text(&error.detail), participant }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name(), self.detail)
    }
}

impl std::error::Error for Error {}

/// The outcome of a function of the C interface.
pub(crate) fn check(result: i32) -> Result<()> {
    if result == sys::CONCLAVE_OK {
        Ok(())
    } else {
        Err(Error::last())
    }
}

/// The text in an array of the C interface.
pub(crate) fn text(array: &[sys::c_char]) -> String {
    let bytes: Vec<u8> = array.iter().take_while(|&&c| c != 0).map(|&c| c as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
