import Foundation
import POSIX
import SystemPackage
import TestSupport
import Testing

@testable import KittyTUI

@Suite struct SpooledInputTests {
  @Test func inputIsKeptToItsEndAndReadTwice() async throws {
    let pipe = try FileDescriptor.pipe()
    let rest = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    // A pipe has room for some thousand bytes, so another thread writes.
    Thread.detachNewThread {
      _ = try? pipe.writeEnd.writeAll(rest)
      try? pipe.writeEnd.close()
    }
    let start = Array("the start".utf8)
    let path = try SpooledInput.path(after: start, rest: pipe.readEnd, in: FilePath(NSTemporaryDirectory()))
    try pipe.readEnd.close()
    for _ in 0..<2 {
      #expect(try Data(contentsOf: URL(filePath: path)) == Data(start + rest))
    }
    // It has no name that another program could find.
    let name = try FileManager.default.destinationOfSymbolicLink(atPath: path)
    #expect(name.contains("kittycash-") && name.hasSuffix("(deleted)"))
    #expect(throws: ImportFile.Refusal.self) { try ImportFile(path: path + "9999", home: "/") }
    #expect(try !ImportFile(path: path, home: "/").isExport)
  }

  @Test func missingFolderIsNamed() throws {
    let pipe = try FileDescriptor.pipe()
    defer {
      try? pipe.readEnd.close()
      try? pipe.writeEnd.close()
    }
    let failure = #expect(throws: CommandFailure.self) {
      try SpooledInput.path(after: [1], rest: pipe.readEnd, in: "/nowhere/at/all")
    }
    #expect(
      failure?.message.contains("/nowhere/at/all") == true && failure?.message.contains("TMPDIR") == true)
  }

  @Test func emptyFolderIsNone() {
    for (variables, folder) in [([:], "/var/tmp"), (["TMPDIR": ""], "/var/tmp"), (["TMPDIR": "/x"], "/x")] {
      #expect(CommandEnvironment.temporaryFolder(variables, or: "/var/tmp") == folder)
    }
  }
}
