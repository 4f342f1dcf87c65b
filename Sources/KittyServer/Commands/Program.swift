import Dispatch
import Foundation

/// The entry point. The commands run on other threads, and the main thread only waits for them: an asynchronous `main`
/// would end it, and glibc would keep a megabyte in memory to unwind it.
@main
enum Program {
  static func main() {
    // Hummingbird asks for a calendar, which asks for the time zone of the machine. This server does not need it, and
    // with UTC the tables of ICU stay out of memory.
    NSTimeZone.default = .gmt
    let end = DispatchSemaphore(value: 0)
    Task.detached {
      await KittyServer.main()
      end.signal()
    }
    end.wait()
  }
}
