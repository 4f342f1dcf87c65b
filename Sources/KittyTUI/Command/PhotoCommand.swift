import ArgumentParser
import KittyShared

/// `kittycash photo`.
struct PhotoCommand: ScriptCommand {
  static let configuration = CommandConfiguration(
    commandName: "photo", abstract: "Set the photo of a group.",
    discussion:
      "A JPEG, PNG, WebP, GIF, HEIC or AVIF picture; the server says how large it may be. --plain: hash, width, height."
  )

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
  @Argument(help: "The picture; without it, or with -, standard input.") var file = "-"

  /// The most that is held in memory. The limit of a photo is a setting of the server.
  private static let maxBytes = 64 << 20

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    let body = try picture(environment)
    let id = try await connection.group(group)
    let answer = try await connection.ask { (api) throws(ClientFailure) in
      try await api.put(Endpoints.setGroupPhoto, [id], body)
    }
    let photo = answer.value
    var report = Report(json: answer.bytes)
    report.fields = [["\(photo.hash)", "\(photo.width)", "\(photo.height)"]]
    report.note = "Saved: \(photo.width) × \(photo.height) pixels. Location and other metadata were removed."
    try output.write(report, environment)
  }

  private func picture(_ environment: CommandEnvironment) throws(CommandFailure) -> UploadBody {
    guard file == "-" else {
      try environment.requireFiles()
      do throws(PhotoFile.Refusal) {
        return .file(try PhotoFile(path: file, home: environment.variables["HOME"] ?? "/").path)
      } catch {
        throw CommandFailure(.failed, error.description)
      }
    }
    guard !environment.isInteractive else {
      throw CommandFailure(
        .usage, "Name the picture, or send it on standard input: kittycash photo GROUP < FILE")
    }
    let bytes = try environment.readAll(Self.maxBytes)
    guard bytes.count <= Self.maxBytes else {
      throw CommandFailure(
        .failed, "Standard input is above \(Self.maxBytes >> 20) MiB: name the file instead.")
    }
    do throws(PhotoFile.Refusal) { try PhotoFile.checkFormat(bytes) } catch {
      throw CommandFailure(.failed, error.description)
    }
    return .bytes(bytes)
  }
}
