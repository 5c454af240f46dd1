//! What a call sends, and where received pictures and sound go.
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use conclave_sys as sys;
use sys::Sized32;

use crate::error::{check, Error, Result};
use crate::handle::{c_text, micros, Handle};

/// Size, pictures a second and bits a second; 0: the default.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Copy, Debug, Default)]
pub struct PictureFormat {
    pub width: u32,
    pub height: u32,
    pub frames_per_second: u32,
    pub bitrate: u32,
}

fn open_source(mut config: sys::conclave_source_config, path: &str, video: bool, audio: bool) -> Result<(u64, u64)> {
    let text = c_text(path)?;
    config.path = text.as_ptr();
    let (mut picture, mut sound) = (0, 0);
    let place = |wanted: bool, handle: &mut u64| if wanted { handle as *mut u64 } else { ptr::null_mut() };
    // SAFETY: the config and its text live through the call.
    check(unsafe { sys::conclave_source_open(&config, place(video, &mut picture), place(audio, &mut sound)) })?;
    Ok((picture, sound))
}

/// Pictures. A clone is the same source; it serves one call.
#[derive(Clone, Debug)]
pub struct VideoSource(pub(crate) Arc<Handle>);

impl VideoSource {
    fn open(kind: u32, format: PictureFormat, path: &str) -> Result<Self> {
        let PictureFormat { width, height, frames_per_second, bitrate } = format;
        let config = sys::conclave_source_config { kind, width, height, frames_per_second, video_bitrate: bitrate, ..Sized32::sized() };
        Ok(Self(Arc::new(Handle(open_source(config, path, true, false)?.0))))
    }

    /// Pictures that [`push`](Self::push) gives, as they are captured.
    pub fn pushed(format: PictureFormat) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_PUSHED, format, "")
    }

    /// Pictures that [`push`](Self::push) gives; the last one is repeated at the source's rate.
    pub fn paced(format: PictureFormat) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_PACED, format, "")
    }

    /// A moving picture with its time in it.
    pub fn synthetic(format: PictureFormat) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_SYNTHETIC, format, "")
    }

    /// A camera as "/dev/video0", or the first one.
    pub fn camera(device: &str, format: PictureFormat) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_DEVICE, format, device)
    }

    /// Copies an I420 picture without padding, captured now. `limit_exceeded`, and dropped, when three wait.
    pub fn push(&self, width: u32, height: u32, y: &[u8], u: &[u8], v: &[u8]) -> Result<()> {
        let (w, h) = (width as usize, height as usize);
        let chroma = ((w + 1) / 2) * ((h + 1) / 2);
        if y.len() != w * h || u.len() != chroma || v.len() != chroma {
            return Err(Error { code: sys::CONCLAVE_INVALID_ARGUMENT, detail: "a plane has not its size".into(), participant: None });
        }
        let half = (width + 1) / 2;
        let picture = sys::conclave_picture {
            width, height, y_stride: width, u_stride: half, v_stride: half, y: y.as_ptr(), u: u.as_ptr(), v: v.as_ptr(), ..Sized32::sized()
        };
        // SAFETY: the planes have the sizes that width, height and strides say.
        check(unsafe { sys::conclave_source_push_picture(self.0 .0, &picture) })
    }
}

/// Sound, 48,000 samples a second. A clone is the same source; it serves one call.
#[derive(Clone, Debug)]
pub struct AudioSource(pub(crate) Arc<Handle>);

impl AudioSource {
    fn open(kind: u32, channels: u32, path: &str) -> Result<Self> {
        let config = sys::conclave_source_config { kind, channels, ..Sized32::sized() };
        Ok(Self(Arc::new(Handle(open_source(config, path, false, true)?.1))))
    }

    /// Sound that [`push`](Self::push) gives, as it is captured.
    pub fn pushed(channels: u32) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_PUSHED, channels, "")
    }

    /// Sound that [`push`](Self::push) gives ahead of time, played at its rate, with silence when there is none.
    pub fn paced(channels: u32) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_PACED, channels, "")
    }

    /// A voice that counts its sentences.
    pub fn synthetic(channels: u32) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_SYNTHETIC, channels, "")
    }

    /// The microphone with `name` in its name, or the default one.
    pub fn microphone(name: &str, channels: u32) -> Result<Self> {
        Self::open(sys::CONCLAVE_SOURCE_DEVICE, channels, name)
    }

    /// Copies interleaved samples, captured now. `limit_exceeded`, and all dropped, when too much would wait.
    pub fn push(&self, samples: &[i16]) -> Result<()> {
        // SAFETY: pointer and count belong together.
        check(unsafe { sys::conclave_source_push_sound(self.0 .0, samples.as_ptr(), samples.len(), 0) })
    }

    /// The sound that was pushed and not sent yet.
    pub fn waiting(&self) -> Result<Duration> {
        let mut waiting = 0;
        // SAFETY: the place is ours.
        check(unsafe { sys::conclave_source_waiting(self.0 .0, &mut waiting) })?;
        Ok(Duration::from_micros(waiting))
    }
}

/// An English text as samples for a source of one channel.
pub fn speak(text: &str) -> Result<Vec<i16>> {
    let text = c_text(text)?;
    let mut samples = Vec::new();
    loop {
        let mut count = samples.len();
        // SAFETY: the buffer has room for `count` samples.
        let result = unsafe { sys::conclave_speak(text.as_ptr(), samples.as_mut_ptr(), &mut count) };
        if result != sys::CONCLAVE_BUFFER_TOO_SMALL {
            return check(result).map(|()| samples);
        }
        samples.resize(count, 0);
    }
}

/// Where received media goes. Serves one call.
#[derive(Clone, Debug)]
pub struct Sink(pub(crate) Arc<Handle>);

impl Sink {
    fn open(kind: u32, path: &str, media: u32, most_waiting: u32) -> Result<Self> {
        let text = c_text(path)?;
        let config = sys::conclave_sink_config { kind, path: text.as_ptr(), media, most_waiting, ..Sized32::sized() };
        let mut sink = 0;
        // SAFETY: the config and its text live through the call.
        check(unsafe { sys::conclave_sink_open(&config, &mut sink) })?;
        Ok(Self(Arc::new(Handle(sink))))
    }

    /// A WebM file of what the first member sends, as it was encoded.
    pub fn webm(path: &str) -> Result<Self> {
        Self::open(sys::CONCLAVE_SINK_WEBM, path, 0, 0)
    }

    /// A PNG file of the last picture.
    pub fn still(path: &str) -> Result<Self> {
        Self::open(sys::CONCLAVE_SINK_STILL, path, 0, 0)
    }

    /// A window with the pictures.
    pub fn window(title: &str) -> Result<Self> {
        Self::open(sys::CONCLAVE_SINK_WINDOW, title, 0, 0)
    }

    /// The loudspeaker.
    pub fn speaker() -> Result<Self> {
        Self::open(sys::CONCLAVE_SINK_SPEAKER, "", 0, 0)
    }
}

/// An I420 picture without padding.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug)]
pub struct Picture {
    pub member: u32,
    pub width: usize,
    pub height: usize,
    /// Y, then U and V of half width and height, rounded up.
    pub planes: Vec<u8>,
    pub capture_time: i64,
    pub time: i64,
}

/// Interleaved samples, 48,000 a second.
#[allow(missing_docs)] // their names say it
#[derive(Clone, Debug)]
pub struct Sound {
    pub member: u32,
    pub channels: usize,
    pub samples: Vec<i16>,
    pub capture_time: i64,
    pub time: i64,
}

/// A piece that was received.
#[derive(Clone, Debug)]
pub enum Media {
    /// To be seen.
    Picture(Picture),
    /// To be heard.
    Sound(Sound),
}

/// A sink from which received pictures and sound are fetched. Several threads may fetch; each piece comes to one of them.
#[derive(Debug)]
pub struct Inbox(Sink);

impl Inbox {
    /// `most_waiting` pieces wait, then the oldest are pushed out; 0: 64.
    pub fn open(pictures: bool, sound: bool, most_waiting: u32) -> Result<Self> {
        let media = u32::from(pictures) * sys::CONCLAVE_MEDIA_PICTURE | u32::from(sound) * sys::CONCLAVE_MEDIA_SOUND;
        Ok(Self(Sink::open(sys::CONCLAVE_SINK_FETCHED, "", media, most_waiting)?))
    }

    /// What to give to a call.
    pub fn sink(&self) -> Sink {
        self.0.clone()
    }

    /// The next piece; `None` when the timeout passed. `invalid_state` when the call is over and everything was fetched.
    pub fn next(&self, timeout: Option<Duration>) -> Result<Option<Media>> {
        let mut media = sys::conclave_media::sized();
        let mut buffer: Vec<i16> = vec![0; 1024];
        loop {
            let mut size = buffer.len() * 2;
            // SAFETY: the buffer has room for `size` bytes, and is aligned for samples.
            let result = unsafe { sys::conclave_sink_next(self.0 .0 .0, micros(timeout), &mut media, buffer.as_mut_ptr().cast(), &mut size) };
            if result == sys::CONCLAVE_BUFFER_TOO_SMALL {
                buffer.resize((size + 1) / 2, 0);
                continue;
            }
            check(result)?;
            return Ok(piece(&media, buffer, size));
        }
    }
}

fn piece(media: &sys::conclave_media, mut buffer: Vec<i16>, size: usize) -> Option<Media> {
    let sys::conclave_media { member, capture_time, time, .. } = *media;
    if media.kind == sys::CONCLAVE_MEDIA_SOUND {
        buffer.truncate(size / 2);
        return Some(Media::Sound(Sound { member, channels: media.channels as usize, samples: buffer, capture_time, time }));
    }
    if media.kind != sys::CONCLAVE_MEDIA_PICTURE {
        return None;
    }
    let mut planes: Vec<u8> = buffer.iter().flat_map(|pair| pair.to_ne_bytes()).collect();
    planes.truncate(size);
    Some(Media::Picture(Picture { member, width: media.width as usize, height: media.height as usize, planes, capture_time, time }))
}
