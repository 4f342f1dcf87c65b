import Curl
import POSIX
import SystemPackage

extension ImportFile {
  /// Returns the header that names the encoding of a compressed file; none for others.
  static func encoding(of body: UploadBody) -> [(name: String, value: String)] {
    let head: [UInt8]
    switch body {
    case .none: head = []
    case .bytes(let bytes): head = Array(bytes.prefix(2))
    case .file(let path):
      guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
        // The request itself says why it cannot be read.
        return []
      }
      defer { try? file.close() }
      head = (try? file.read(upTo: 2)) ?? []
    }
    return isGzip(head) ? [("Content-Encoding", "gzip")] : []
  }
}
