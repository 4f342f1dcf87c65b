import CVips

/// libvips cannot read or write a picture; the text is its own.
package struct VipsFailure: Error, CustomStringConvertible {
  /// What libvips said, for the log.
  package let description: String

  init() {
    description = String(cString: kitty_vips_error()).split(separator: "\n").joined(separator: "; ")
  }
}

/// Pictures through libvips: little memory however large they are. All functions block.
package enum Vips {
  /// What the header of a picture says.
  package struct Header: Sendable, Equatable {
    /// Pixels as they are stored, before any turning.
    package let width: Int
    /// Pixels as they are stored, before any turning.
    package let height: Int
    /// The loader: `jpegload`, `pngload` or `webpload`.
    package let loader: String
  }

  /// Starts the library: once in a process, before anything else. Only JPEG, PNG and WebP can be read
  /// afterwards.
  /// - Throws: `VipsFailure`.
  package static func start() throws(VipsFailure) {
    guard kitty_vips_start("kittycash") == 0 else { throw VipsFailure() }
  }

  /// Reads the header without decoding pixels, so that a decompression bomb costs nothing.
  /// - Throws: `VipsFailure` when it is not a picture that may be read.
  package static func probe(_ path: String) throws(VipsFailure) -> Header {
    var (width, height): (Int32, Int32) = (0, 0)
    var loader = [CChar](repeating: 0, count: 64)
    guard kitty_vips_probe(path, &width, &height, &loader, Int32(loader.count)) == 0 else {
      throw VipsFailure()
    }
    let name = String(decoding: loader.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return Header(width: Int(width), height: Int(height), loader: name)
  }

  /// How a copy is written.
  package enum Format: Sendable {
    /// With a quality from 1 to 100.
    case jpeg(quality: Int)
    /// Binary, with 8 bits a channel.
    case ppm
  }

  /// Writes a copy that is upright, in sRGB, on white where it was transparent, and without any metadata.
  /// - Parameter side: The most pixels a side; a picture is never enlarged.
  /// - Returns: The size of the copy.
  /// - Throws: `VipsFailure`, for a truncated picture too.
  package static func copy(
    _ source: String, to target: String, side: Int, as format: Format
  ) throws(VipsFailure) -> (width: Int, height: Int) {
    var (width, height): (Int32, Int32) = (0, 0)
    let quality: Int32 =
      switch format {
      case .jpeg(let quality): Int32(max(1, min(100, quality)))
      case .ppm: 0
      }
    guard kitty_vips_copy(source, target, Int32(side), quality, &width, &height) == 0 else {
      throw VipsFailure()
    }
    return (Int(width), Int(height))
  }
}
