//! The session level alone: two members share keys, and a frame goes from one to the other. What an app would send is handed over here.
use conclave::{FrameMode, FrameStatus, Identity, Joining, Opener, OutputKind, Result, Session};

/// The commit goes through the log, back to its sender too, then the Welcome to the joiner.
fn let_in(host: &mut Session, joining: &Joining, founder_hash: &[u8]) -> Result<Option<Session>> {
    let mut guest = None;
    host.admit(1, &joining.key_package()?)?;
    while let Some(output) = host.next_output()? {
        match output.kind {
            OutputKind::Log => host.handle(&output.bytes)?,
            OutputKind::MemberEntered => println!("{} is in the room", output.name),
            OutputKind::Welcome => guest = Some(joining.complete(&output.bytes, founder_hash)?),
            _ => {}
        }
    }
    Ok(guest)
}

fn send_frame(from: &mut Session, to: &Session) -> Result<()> {
    let (mut sealer, mut opener) = (from.make_sealer(0, FrameMode::Whole)?, Opener::new()?);
    let (mut sealed, mut frame) = ([0; 256], [0; 256]);
    opener.update(to)?;
    let size = sealer.seal(b"a frame of video", b"", &mut sealed)?;
    let opened = opener.open(None, &sealed[..size], b"", FrameMode::Whole, &mut frame)?;
    assert_eq!(opened.status, FrameStatus::Opened);
    println!("member {} sent: {}", opened.sender, String::from_utf8_lossy(&frame[..opened.size]));
    Ok(())
}

fn main() -> Result<()> {
    let (room_id, alice, bob) = ([1; 16], Identity::generate()?, Identity::generate()?);
    let mut host = Session::found(&room_id, &alice, "Alice")?;
    let joining = Joining::begin(&room_id, &bob, "Bob")?;
    let mut guest = let_in(&mut host, &joining, &alice.hash()?)?.expect("a Welcome came");
    send_frame(&mut host, &guest)?;
    send_frame(&mut guest, &host)
}
