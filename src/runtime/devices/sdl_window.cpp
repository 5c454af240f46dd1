// A window by SDL2, on a thread of its own: SDL wants to be used from one.
#include <SDL.h>

#include <future>
#include <thread>

#include "base/result.h"
#include "conclave/devices.h"
#include "runtime/bounded_queue.h"

namespace conclave {
namespace runtime {
namespace {

constexpr Duration event_period = std::chrono::milliseconds(50);

struct WindowDeleter {
  void operator()(SDL_Window* window) const { ::SDL_DestroyWindow(window); }
};
struct RendererDeleter {
  void operator()(SDL_Renderer* renderer) const { ::SDL_DestroyRenderer(renderer); }
};
struct TextureDeleter {
  void operator()(SDL_Texture* texture) const { ::SDL_DestroyTexture(texture); }
};

Error missing(const std::string& what) { return {ErrorCode::device_missing, what + ": " + ::SDL_GetError()}; }

/// What stands on the screen; lives on the window's thread.
class Screen {
 public:
  ~Screen() {
    texture_.reset();
    renderer_.reset();
    window_.reset();
    ::SDL_QuitSubSystem(SDL_INIT_VIDEO);
  }

  Result<void> open(const std::string& title) {
    ::SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    ::SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    if (::SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) return missing("no screen to show pictures on");
    window_.reset(::SDL_CreateWindow(title.c_str(), SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, 640, 360,
                                     SDL_WINDOW_RESIZABLE));
    if (!window_) return missing("no window can be opened");
    renderer_.reset(::SDL_CreateRenderer(window_.get(), -1, 0));
    if (!renderer_) return missing("nothing can be drawn in a window");
    return {};
  }

  /// False when the window was closed.
  static bool handle_events() {
    SDL_Event event;
    bool open = true;
    while (::SDL_PollEvent(&event) != 0) open = open && event.type != SDL_QUIT;
    return open;
  }

  void show(const VideoFrame& picture) {
    if (!fit_texture(picture)) return;
    ::SDL_UpdateYUVTexture(texture_.get(), nullptr, picture.y.data(), picture.width, picture.u.data(),
                           (picture.width + 1) / 2, picture.v.data(), (picture.width + 1) / 2);
    ::SDL_RenderClear(renderer_.get());
    ::SDL_RenderCopy(renderer_.get(), texture_.get(), nullptr, nullptr);
    ::SDL_RenderPresent(renderer_.get());
  }

 private:
  bool fit_texture(const VideoFrame& picture) {
    if (texture_ && width_ == picture.width && height_ == picture.height) return true;
    width_ = picture.width;
    height_ = picture.height;
    texture_.reset(
        ::SDL_CreateTexture(renderer_.get(), SDL_PIXELFORMAT_IYUV, SDL_TEXTUREACCESS_STREAMING, width_, height_));
    ::SDL_RenderSetLogicalSize(renderer_.get(), width_, height_);
    return texture_ != nullptr;
  }

  std::unique_ptr<SDL_Window, WindowDeleter> window_;
  std::unique_ptr<SDL_Renderer, RendererDeleter> renderer_;
  std::unique_ptr<SDL_Texture, TextureDeleter> texture_;
  int width_ = 0;
  int height_ = 0;
};

class Window final : public MediaSink {
 public:
  ~Window() override { close(); }

  Result<void> open(const std::string& title) {
    std::promise<Result<void>> opened;
    auto outcome = opened.get_future();
    thread_ = std::thread([this, title, opened = std::move(opened)]() mutable { run(title, std::move(opened)); });
    return outcome.get();
  }

  void show(MemberId, const VideoFrame& picture, Time) override { pictures_.push(picture); }

  Result<void> finish() override {
    close();
    return {};
  }

 private:
  void run(const std::string& title, std::promise<Result<void>> opened) {
    Screen screen;
    auto outcome = screen.open(title);
    const bool ok = outcome.ok();
    opened.set_value(std::move(outcome));
    while (ok && !pictures_.finished()) {
      if (const auto picture = pictures_.pop_within(event_period)) screen.show(*picture);
      if (!Screen::handle_events()) pictures_.close();
    }
  }

  void close() {
    pictures_.close();
    if (thread_.joinable()) thread_.join();
  }

  BoundedQueue<VideoFrame> pictures_{2};
  std::thread thread_;
};

}  // namespace
}  // namespace runtime

Result<std::shared_ptr<MediaSink>> open_window(const std::string& title) {
  auto window = std::make_shared<runtime::Window>();
  CONCLAVE_TRY(window->open(title));
  return std::shared_ptr<MediaSink>(std::move(window));
}

}  // namespace conclave
