#include "runtime/devices/ffmpeg_command.h"

#include <algorithm>

#include "runtime/devices/sentence.h"

namespace conclave::runtime {
namespace {

/// Containers of picture and sound that hold all they need. What names further files (concat, hls, dash, imf, image2, svg,
/// sdp) is not among them: such a file, passed off as a film, would bring other files of this machine into the call.
constexpr const char* formats =
    "aac,ac3,aiff,amr,ape,apng,asf,au,av1,avi,caf,dts,dtshd,dv,eac3,flac,flv,gif,gxf,h263,h264,hevc,ivf,loas,m4v,matroska,"
    "mjpeg,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,mxf,nsv,nut,obu,ogg,rm,tak,truehd,tta,vc1,voc,w64,wav,wtv,wv,"
    "yuv4mpegpipe,bmp_pipe,gif_pipe,jpeg_pipe,jpegxl_pipe,png_pipe,ppm_pipe,tiff_pipe,webp_pipe";

/// The first picture at time zero, like the first sound; the whole picture, bars where its shape differs.
std::string picture_filter(const VideoConfig& video) {
  const auto width = std::to_string(video.width);
  const auto height = std::to_string(video.height);
  const bool odd = video.width % 2 != 0 || video.height % 2 != 0;  // bars of an odd size need chroma of full size
  return "fps=" + std::to_string(video.frames_per_second) + ":start_time=0,scale=" + width + ":" + height +
         ":force_original_aspect_ratio=decrease:out_range=tv," + (odd ? "format=yuv444p," : "") + "pad=" + width + ":" +
         height + ":-1:-1,setsar=1,format=yuv420p";
}

void append(std::vector<std::string>& list, std::initializer_list<std::string> more) {
  list.insert(list.end(), more.begin(), more.end());
}

/// Without "[demuxer @ 0x…] " in front.
std::string_view without_context(std::string_view line) {
  while (line.starts_with('[')) {
    const auto end = line.find("] ");
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 2);
  }
  return line;
}

std::string_view last_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const auto begin = text.rfind('\n');
  return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

std::string printable(std::string_view text) {
  std::string safe(text);
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return safe;
}

}  // namespace

std::vector<std::string> ffmpeg_arguments(const FfmpegJob& job) {
  std::vector<std::string> list{"ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-protocol_whitelist", "file",
                                "-format_whitelist", formats};
  if (job.loop) append(list, {"-stream_loop", "-1"});
  append(list, {"-i", "file:" + job.file.string()});
  int descriptor = 3;
  if (job.video) {
    append(list, {"-map", "0:v:0", "-vf", picture_filter(*job.video), "-f", "rawvideo",
                  "pipe:" + std::to_string(descriptor++)});
  }
  if (job.audio) {
    append(list, {"-map", "0:a:0", "-af", "aresample=" + std::to_string(audio_sample_rate) + ":async=1:first_pts=0",
                  "-ac", std::to_string(job.audio->channels), "-f", "s16le", "pipe:" + std::to_string(descriptor)});
  }
  return list;
}

std::string explain_ffmpeg(const std::filesystem::path& file, const std::string& errors) {
  const auto name = in_quotes(file);
  if (errors.find("Format not on whitelist") != std::string::npos)
    return printable("the file " + name + " is no film or sound that is opened here; playlists are not");
  if (errors.find("'0:v:0' matches no streams") != std::string::npos)
    return printable("the file " + name + " has no picture");
  if (errors.find("'0:a:0' matches no streams") != std::string::npos)
    return printable("the file " + name + " has no sound");
  auto reason = without_context(last_line(errors));
  const auto prefix = "file:" + file.string() + ": ";
  if (reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
  std::string sentence = "ffmpeg cannot decode the file " + name;
  if (!reason.empty()) sentence.append(": ").append(reason);
  return printable(sentence);
}

}  // namespace conclave::runtime
