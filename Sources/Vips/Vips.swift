import CVips

/// Thrown when libvips cannot read or write a picture.
package struct VipsFailure: Error, CustomStringConvertible {
  /// The message of libvips, for the log.
  package let description: String

  init() {
    description = String(cString: kitty_vips_error()).split(separator: "\n").joined(separator: "; ")
  }
}

/// Reads and writes pictures with libvips, in little memory even for large ones. All functions block.
package enum Vips {
  /// The header of a picture.
  package struct Header: Sendable, Equatable {
    /// Pixels as stored, before the rotation that the metadata asks for.
    package let width: Int
    /// Pixels as stored, before the rotation that the metadata asks for.
    package let height: Int
    /// `true` for a progressive JPEG and an interlaced PNG: decoding them needs memory for all pixels.
    package let isInterlaced: Bool
    /// The loader: `jpegload`, `pngload`, `webpload`, `gifload` or `heifload`.
    package let loader: String
  }

  /// Initialises the library. Call it once in a process, before all other functions. It blocks all loaders except those
  /// of JPEG, PNG, WebP, GIF, HEIC and AVIF.
  /// - Throws: `VipsFailure`.
  package static func start() throws(VipsFailure) {
    guard kitty_vips_start("kittycash") == 0 else { throw VipsFailure() }
  }

  /// Reads the header without decoding pixels, so that a decompression bomb costs nothing.
  /// - Throws: `VipsFailure` when the file is not a picture of an allowed format.
  package static func probe(_ path: String) throws(VipsFailure) -> Header {
    var (width, height, interlaced): (Int32, Int32, Int32) = (0, 0, 0)
    var loader = [CChar](repeating: 0, count: 64)
    guard kitty_vips_probe(path, &width, &height, &interlaced, &loader, Int32(loader.count)) == 0 else {
      throw VipsFailure()
    }
    let name = String(decoding: loader.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return Header(width: Int(width), height: Int(height), isInterlaced: interlaced != 0, loader: name)
  }

  /// The format of a copy.
  package enum Format: Sendable {
    /// The quality is a number from 1 to 100.
    case jpeg(quality: Int)
    /// Binary, 8 bits a channel.
    case ppm
  }

  /// Writes a copy that is upright, in sRGB, white in transparent areas, and without metadata.
  /// - Parameter side: Maximum number of pixels of a side. A picture is never enlarged.
  /// - Returns: The size of the copy.
  /// - Throws: `VipsFailure`, also for a truncated picture.
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
