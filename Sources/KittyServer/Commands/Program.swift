import Dispatch
import Foundation
import POSIX

/// The entry point. The commands run on other threads, and the main thread only waits for them: an asynchronous `main`
/// would end it, and glibc would keep a megabyte in memory to unwind it.
@main
enum Program {
  static func main() {
    // libdispatch gives threads a priority that only root can set, and reports the failure to the system's log. It reads
    // the variable at its first message.
    if ProcessInfo.processInfo.environment["LIBDISPATCH_LOG"] == nil {
      CurrentProcess.setEnvironment("LIBDISPATCH_LOG", to: "NO")
    }
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
