import POSIX

/// The number of files and connections that the server may have open.
struct OpenFilesCheck: Check {
  let part = "files"

  func findings() throws -> [Finding] {
    let limit = try ResourceLimit.openFiles.read()
    let clients = FileDescriptorLimit.connections
    guard limit.highest >= 4096 else {
      return [
        .warning(
          "At most \(limit.highest) files can be open, so \(clients) clients. Set LimitNOFILE=16384 in the unit, or ulimits in Compose."
        )
      ]
    }
    return [.ok("\(clients) clients fit into the limit of open files.")]
  }
}
