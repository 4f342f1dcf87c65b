import Chafa
import FoundationEssentials

/// The bytes that draw a picture at its place, and leave the cursor where it was.
enum PictureBytes {
  /// Base64 in one sequence of the kitty protocol, at most.
  private static let chunk = 4096

  /// - Parameter cell: The size of a cell in pixels, which sixels need; `nil` when it is not known.
  static func drawing(
    _ picture: Picture, _ method: PictureSupport.Method, cell: (width: Int, height: Int)?
  ) -> [UInt8] {
    let content: [UInt8]
    switch method {
    case .kitty: content = kitty(picture)
    case .sixel:
      guard let cell else { return [] }
      content = Chafa.sixels(
        of: picture.preview.pixels, size: (picture.preview.width, picture.preview.height),
        columns: picture.width, rows: picture.height, cell: cell)
    }
    return Array("\u{1b}7\u{1b}[\(picture.row + 1);\(picture.column + 1)H".utf8) + content
      + Array("\u{1b}8".utf8)
  }

  /// The bytes that remove all pictures of kitty. Sixels vanish when their cells are drawn.
  static let removing = Array("\u{1b}_Ga=d\u{1b}\\".utf8)

  private static func kitty(_ picture: Picture) -> [UInt8] {
    let text = Array(Data(picture.preview.pixels).base64EncodedString().utf8)
    let (width, height) = (picture.preview.width, picture.preview.height)
    var bytes: [UInt8] = []
    var start = 0
    while start < text.count {
      let end = min(start + chunk, text.count)
      let more = end < text.count ? 1 : 0
      // No answer is wanted, and the cursor stays.
      let keys =
        start == 0
        ? "a=T,f=24,s=\(width),v=\(height),c=\(picture.width),r=\(picture.height),q=2,C=1,m=\(more)"
        : "m=\(more)"
      bytes += Array("\u{1b}_G\(keys);".utf8) + text[start..<end] + Array("\u{1b}\\".utf8)
      start = end
    }
    return bytes
  }
}
