// Conclave in somebody else's stack: two GStreamer pipelines over RTP on loopback, sealed behind the encoder and opened before the decoder.
// usage: gstreamer-session [--stranger]     prints how many pictures arrived; a stranger, without the room's keys, sees none
#include <gst/gst.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "conclave/session.h"

using namespace conclave;

namespace {

constexpr FrameMode mode = FrameMode::vp9;  // rtpvp9pay reads the frame header: leave that, and nothing else, readable

// ---- the room: an app has a server for this; here both members live in one process ----
Moment now() { return {Time(Duration(g_get_monotonic_time())), {static_cast<std::uint64_t>(g_get_real_time() / 1'000'000)}}; }

template <class T>
T must(Result<T> result) {
  if (result.ok()) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().detail.c_str());
  std::exit(1);
}

struct Room {
  std::vector<Session> members;

  Room() {
    SessionConfig config;
    config.room_id.fill(0x42);
    const Identity ada = must(Identity::generate()), bob = must(Identity::generate());
    members.push_back(must(Session::found(config, ada, "Ada", now())));
    const Joining knock = must(Joining::begin(config, bob, "Bob", now()));
    const SessionStep admission = must(members[0].admit(1, knock.key_package(), now()));
    for (const ToLog& entry : admission.send) members[0].handle(entry.message, now());
    members.push_back(must(knock.complete(admission.send.at(0).admission->welcome, ada.hash(), now())));
  }
};

// ---- the probes ----
struct Sending {
  FrameSealer sealer;
};
struct Receiving {
  FrameOpener opener{};
  MemberId sender = 0;
  std::atomic<int> pictures{0}, dropped{0};
};

/// Runs `work(in, out)`, which returns the bytes written or 0, over the buffer of a probe, and puts the result in its place.
template <class Work>
GstPadProbeReturn replace(GstPadProbeInfo* info, std::size_t room, const Work& work) {
  GstBuffer* in = GST_PAD_PROBE_INFO_BUFFER(info);
  GstBuffer* out = gst_buffer_new_allocate(nullptr, room, nullptr);
  gst_buffer_copy_into(out, in, GST_BUFFER_COPY_METADATA, 0, 0);  // flags and times
  GstMapInfo from, to;
  gst_buffer_map(in, &from, GST_MAP_READ);
  gst_buffer_map(out, &to, GST_MAP_WRITE);
  const std::size_t size = work(ByteView(from.data, from.size), ByteSpan(to.data, to.size));
  gst_buffer_unmap(out, &to);
  gst_buffer_unmap(in, &from);
  gst_buffer_set_size(out, static_cast<gssize>(size));
  if (size == 0) {
    gst_buffer_unref(out);
    return GST_PAD_PROBE_DROP;
  }
  gst_buffer_unref(in);
  GST_PAD_PROBE_INFO_DATA(info) = out;
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn seal(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& sending = *static_cast<Sending*>(data);
  const std::size_t room = max_sealed_size(gst_buffer_get_size(GST_PAD_PROBE_INFO_BUFFER(info)), mode);
  return replace(info, room, [&](ByteView in, ByteSpan out) {
    const auto size = sending.sealer.seal(in, {}, out);
    return size.ok() ? *size : 0;  // never the plaintext instead
  });
}

GstPadProbeReturn open(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& receiving = *static_cast<Receiving*>(data);
  return replace(info, gst_buffer_get_size(GST_PAD_PROBE_INFO_BUFFER(info)), [&](ByteView in, ByteSpan out) {
    const OpenedFrame frame = receiving.opener.open(receiving.sender, in, {}, out, mode);
    if (!frame.opened()) ++receiving.dropped;
    return frame.opened() ? frame.size : 0;
  });
}

GstPadProbeReturn count(GstPad*, GstPadProbeInfo*, gpointer data) {
  ++static_cast<Receiving*>(data)->pictures;
  return GST_PAD_PROBE_OK;
}

// ---- the pipelines ----
GstElement* launch(const std::string& text) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(text.c_str(), &error);
  if (error != nullptr) std::fprintf(stderr, "%s\n", error->message), std::exit(1);
  return pipeline;
}

void probe(GstElement* pipeline, const char* element, const char* pad_name, GstPadProbeCallback callback, gpointer data) {
  GstElement* found = gst_bin_get_by_name(GST_BIN(pipeline), element);
  GstPad* pad = gst_element_get_static_pad(found, pad_name);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, nullptr);
  gst_object_unref(pad);
  gst_object_unref(found);
}

}  // namespace

int main(int argc, char** argv) {
  const bool stranger = argc > 1 && std::strcmp(argv[1], "--stranger") == 0;
  gst_init(nullptr, nullptr);
  Room room, elsewhere;
  Sending sending{must(room.members[0].make_sealer(1, mode))};
  Receiving receiving;
  receiving.sender = room.members[0].self();
  receiving.opener.update((stranger ? elsewhere : room).members[1].frame_keys());

  GstElement* receiver = launch(
      "udpsrc name=in address=127.0.0.1 port=0 caps=\"application/x-rtp,media=video,clock-rate=90000,encoding-name=VP9,payload=96\" "
      "! rtpvp9depay name=depay ! vp9dec ! fakesink name=screen sync=false");
  probe(receiver, "depay", "src", open, &receiving);
  probe(receiver, "screen", "sink", count, &receiving);
  gst_element_set_state(receiver, GST_STATE_PLAYING);
  gst_element_get_state(receiver, nullptr, nullptr, GST_SECOND);
  int port = 0;
  GstElement* in = gst_bin_get_by_name(GST_BIN(receiver), "in");
  g_object_get(in, "port", &port, nullptr);
  gst_object_unref(in);

  GstElement* sender = launch("videotestsrc is-live=true num-buffers=45 ! video/x-raw,width=320,height=240,framerate=15/1 "
                              "! vp9enc name=encoder deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist=15 "
                              "! rtpvp9pay pt=96 ! udpsink sync=false host=127.0.0.1 port=" + std::to_string(port));
  probe(sender, "encoder", "src", seal, &sending);
  gst_element_set_state(sender, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(sender);
  gst_message_unref(gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  g_usleep(1'000'000);  // what is on its way
  for (GstElement* pipeline : {sender, receiver}) gst_element_set_state(pipeline, GST_STATE_NULL);
  std::printf("{\"sealed\": %d, \"pictures\": %d, \"dropped\": %d}\n", static_cast<int>(sending.sealer.counters().sealed), receiving.pictures.load(),
              receiving.dropped.load());
  return receiving.pictures > 0 ? 0 : 2;
}
