//! One end of a call that is checked at both: peer OWN OTHER [LINK]. Like peer.c.
use std::time::{Duration, Instant};

use conclave::{AudioSource, Call, CallConfig, Event, HostConfig, Inbox, Media, PictureFormat, VideoSource};

const WIDTH: usize = 160;
const HEIGHT: usize = 90;

fn level(number: usize, quadrant: usize) -> u8 {
    (40 + 20 * ((3 * number + 5 * quadrant) % 8)) as u8
}

fn tone(number: usize) -> usize {
    300 + 100 * number
}

fn sources(own: usize) -> conclave::Result<(VideoSource, AudioSource)> {
    let format = PictureFormat { width: WIDTH as u32, height: HEIGHT as u32, frames_per_second: 15, bitrate: 200_000 };
    let (video, audio) = (VideoSource::paced(format)?, AudioSource::paced(1)?);
    let quadrant = |i: usize| 2 * usize::from(i / WIDTH >= HEIGHT / 2) + usize::from(i % WIDTH >= WIDTH / 2);
    let y: Vec<u8> = (0..WIDTH * HEIGHT).map(|i| level(own, quadrant(i))).collect();
    let grey = vec![128; WIDTH * HEIGHT / 4];
    video.push(WIDTH as u32, HEIGHT as u32, &y, &grey, &grey)?;
    let step = 2.0 * std::f64::consts::PI * tone(own) as f64 / 48_000.0;
    let sound: Vec<i16> = (0..480_000).map(|i| (8000.0 * (step * f64::from(i)).sin()) as i16).collect();
    audio.push(&sound)?;
    Ok((video, audio))
}

#[derive(Default)]
struct Judge {
    other: usize,
    pictures: usize,
    sounds: usize,
    heard: Vec<i16>,
}

impl Judge {
    fn take(&mut self, media: Media) {
        match media {
            Media::Picture(picture) if picture.width == WIDTH && picture.height == HEIGHT => {
                let at = |q: usize| picture.planes[(HEIGHT / 4 + q / 2 * HEIGHT / 2) * WIDTH + WIDTH / 4 + q % 2 * WIDTH / 2];
                let good = (0..4).all(|q| (i32::from(at(q)) - i32::from(level(self.other, q))).abs() <= 8);
                self.pictures += usize::from(good);
            }
            Media::Picture(_) => {}
            Media::Sound(sound) => self.listen(&sound.samples),
        }
    }

    fn listen(&mut self, samples: &[i16]) {
        self.heard.extend(samples);
        if self.heard.len() >= 24_000 {
            let crossings = self.heard.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
            let rate = crossings * 24_000 / self.heard.len();
            self.sounds += usize::from(rate.abs_diff(tone(self.other)) <= 30);
            self.heard.clear();
        }
    }

    fn satisfied(&self) -> bool {
        self.pictures >= 10 && self.sounds >= 3
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let (own, other): (usize, usize) = (arguments[1].parse()?, arguments[2].parse()?);
    let (video, audio) = sources(own)?;
    let inbox = Inbox::open(true, true, 1000)?;
    let config = CallConfig { name: "Rust".into(), video: Some(video), audio: Some(audio), sinks: vec![inbox.sink()], ..Default::default() };
    let call = match arguments.get(3) {
        Some(link) => Call::join(config, link)?,
        None => Call::host(config, HostConfig { listen: "127.0.0.1".into(), ..Default::default() })?,
    };
    let mut judge = Judge { other, ..Default::default() };
    let (until, mut leaving, mut left) = (Instant::now() + Duration::from_secs(20), None, false);
    while Instant::now() < until {
        match call.next_event(Some(Duration::from_millis(20)))? {
            Some(Event::RoomReady) => println!("{}", call.link()?),
            Some(Event::Knock { id, .. }) => call.admit(id)?,
            Some(Event::Ended { .. }) => break,
            _ => {}
        }
        while let Some(media) = inbox.next(Some(Duration::ZERO))? {
            judge.take(media);
        }
        if judge.satisfied() && leaving.is_none() {
            leaving = Some(Instant::now() + Duration::from_millis(1500));
        }
        if !left && leaving.map_or(false, |time| Instant::now() > time) {
            call.leave()?;
            left = true;
        }
    }
    println!("pictures {}, half seconds of sound {}", judge.pictures, judge.sounds);
    if judge.satisfied() { Ok(()) } else { Err("the other side was not seen and heard".into()) }
}
