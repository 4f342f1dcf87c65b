import ArgumentParser
import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage
import Vips

/// The program that the server starts for each upload. Untrusted bytes are decoded here, so that a fault in a decoder
/// cannot harm the server, and the server does not load the decoders. It prints one line of JSON.
@main
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kittycash-photo",
    abstract: "Check a picture or a receipt, and write its variants. The server runs this program.")

  @Argument(help: "The picture.") var input: String
  @Argument(help: "The folder for large.jpg, small.jpg and preview.ppm, or for receipt.ppm.")
  var outputFolder: String
  @Flag(help: "Check a receipt, which can be a PDF, and write its preview alone.") var receipt = false

  func run() throws {
    Self.limitResources()
    try Vips.start()
    let reply: ConverterReply
    do {
      reply = try convert()
    } catch let rejection as PhotoRejection {
      reply = ConverterReply(rejection: rejection)
    }
    print(try JSON.text(of: reply))
  }

  private func convert() throws -> ConverterReply {
    let head = try head()
    guard !head.isEmpty else { throw PhotoRejection.empty }
    let format = PictureFormat.detect(head)
    if receipt, format == .pdf {
      guard try PDFStructure.isWhole(input) else { throw PhotoRejection.damaged }
      return ConverterReply(type: .pdf)
    }
    guard let format, format.isAccepted else { throw PhotoRejection.notAPicture(found: format) }
    let header: Vips.Header
    do { header = try Vips.probe(input) } catch { throw undecodable(format, error) }
    try PhotoLimits.check(
      width: header.width, height: header.height, of: format, isInterlaced: header.isInterlaced)
    do {
      return try receipt ? preview(of: format) : variants()
    } catch {
      let rejection = undecodable(format, error)
      guard !"\(error)".contains(Errno.noSpace.description) else {
        throw ExitCode(ConverterReply.noSpaceStatus)
      }
      throw rejection
    }
  }

  private func variants() throws -> ConverterReply {
    let size = try Vips.copy(input, to: path(.large), side: 2048, as: .jpeg(quality: 85))
    // The smaller ones are made from the large one: the untrusted bytes are decoded once.
    _ = try Vips.copy(path(.large), to: path(.small), side: 320, as: .jpeg(quality: 85))
    _ = try Vips.copy(path(.large), to: path(.preview), side: 256, as: .ppm)
    return ConverterReply(width: size.width, height: size.height)
  }

  /// Writes the preview of a receipt. Decoding the whole picture is the check that it is not cut off.
  private func preview(of format: PictureFormat) throws -> ConverterReply {
    guard let type = Receipt.MediaType(format) else { throw PhotoRejection.notAPicture(found: format) }
    _ = try Vips.copy(input, to: "\(outputFolder)/\(Receipt.previewFile)", side: 512, as: .ppm)
    return ConverterReply(type: type)
  }

  /// Prints the reason for the log, and returns the rejection. A whole HEIC can be one that the decoder does not know,
  /// such as one of ten bits: "damaged" would be wrong advice.
  private func undecodable(_ format: PictureFormat, _ error: some Error) -> PhotoRejection {
    // The exit code and the JSON tell the server enough, even if standard error is closed.
    _ = try? FileDescriptor.standardError.writeAll("\(error)\n".utf8)
    guard format.needsOptionalDecoder, (try? MediaBoxes.areWhole(input)) ?? false else { return .damaged }
    return .notAPicture(found: format)
  }

  private func head() throws -> [UInt8] {
    let file = try FileDescriptor.open(FilePath(input), .readOnly, options: .closeOnExec)
    return try file.closeAfter { try file.read(upTo: PictureFormat.headLength) }
  }

  private func path(_ variant: PhotoVariant) -> String { "\(outputFolder)/\(variant.fileName)" }

  /// Limits this process to one and a half gigabytes of addresses, of which a picture of 108 megapixels needs half, twenty seconds of CPU time, 64 files and no core dump.
  private static func limitResources() {
    let limits: [(ResourceLimit, UInt)] = [
      (.addressSpaceBytes, 3 << 29), (.cpuSeconds, 20), (.openFiles, 64), (.coreFileBytes, 0),
    ]
    for (resource, limit) in limits {
      // Where a limit is lower already, the system refuses to raise it, and the lower one stays in force.
      try? resource.set(current: limit, highest: limit)
    }
  }
}
