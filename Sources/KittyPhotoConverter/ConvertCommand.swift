import ArgumentParser
import FoundationEssentials
import Glibc
import KittyShared
import Vips

/// What the server runs in a process of its own for each upload, so that neither a fault in a decoder of
/// untrusted bytes nor the libraries it needs are ever in the server. It prints one line of JSON.
@main
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kittycash-photo", abstract: "Check a picture and write its variants: the server runs this.")

  @Argument(help: "The picture.") var input: String
  @Argument(help: "Where large.jpg, small.jpg and preview.ppm are written.") var outputFolder: String

  func run() throws {
    Self.limitResources()
    try Vips.start()
    let outcome: ConverterReply
    do {
      outcome = try convert()
    } catch let rejection as PhotoRejection {
      outcome = ConverterReply(rejection: rejection)
    }
    print(try JSON.text(of: outcome))
  }

  private func convert() throws -> ConverterReply {
    let header: Vips.Header
    do { header = try Vips.probe(input) } catch { throw PhotoRejection.notAPicture }
    try PhotoRejection.check(width: header.width, height: header.height)
    do {
      let size = try Vips.copy(input, to: path(.large), side: 2048, as: .jpeg(quality: 85))
      // The smaller ones are made from the large one: the untrusted bytes are decoded once.
      _ = try Vips.copy(path(.large), to: path(.small), side: 320, as: .jpeg(quality: 85))
      _ = try Vips.copy(path(.large), to: path(.preview), side: 256, as: .ppm)
      return ConverterReply(width: size.width, height: size.height)
    } catch {
      FileHandle.writeError("\(error)\n")
      throw PhotoRejection.damaged
    }
  }

  private func path(_ variant: PhotoVariant) -> String { "\(outputFolder)/\(variant.fileName)" }

  /// A gigabyte of memory, twenty seconds of a core, a few files, no core dump.
  private static func limitResources() {
    let limits: [(__rlimit_resource, UInt)] = [
      (RLIMIT_AS, 1 << 30), (RLIMIT_CPU, 20), (RLIMIT_NOFILE, 64), (RLIMIT_CORE, 0),
    ]
    for (resource, value) in limits {
      var limit = rlimit(rlim_cur: value, rlim_max: value)
      // Where a limit is lower already, raising it is refused, and the lower one holds.
      unsafe setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
  }
}

/// Standard error, for the converter's last words.
private enum FileHandle {
  static func writeError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
