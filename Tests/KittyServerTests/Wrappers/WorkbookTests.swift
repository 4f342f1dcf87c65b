import Foundation
import TestSupport
import Testing

@testable import XLSXWriter

/// The wrapper of libxlsxwriter.
@Suite struct WorkbookTests {
  private func workbook(_ folder: String, _ name: String = "x.xlsx") throws -> Workbook {
    try Workbook(
      path: "\(folder)/\(name)", folder: folder, sheet: "Sheet",
      [.init("one", width: 8), .init("two", width: 20)],
      created: 1_700_000_000)
  }

  @Test func sameRowsHaveTheSameBytes() async throws {
    try await withTemporaryFolder { folder in
      for name in ["a", "b"] {
        let book = try workbook(folder, name)
        try await book.append([
          [.text("x"), .number(1.5, decimals: 2)], [.day(year: 2026, month: 3, day: 1), .empty],
        ])
        try await book.close()
      }
      let files = try ["a", "b"].map { try Data(contentsOf: URL(filePath: "\(folder)/\($0)")) }
      #expect(files[0] == files[1] && files[0].starts(with: Array("PK".utf8)))
      // The temporary files are gone.
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "b"])
    }
  }

  @Test func sheetHasAnEnd() async throws {
    try await withTemporaryFolder { folder in
      let book = try workbook(folder)
      try await book.append(Array(repeating: [.empty], count: Workbook.maxRows - 1))
      await #expect(throws: Workbook.Failure.self) { try await book.append([[.empty]]) }
    }
  }

  @Test func unwritableFileIsSaid() async throws {
    try await withTemporaryFolder { folder in
      let book = try Workbook(
        path: "\(folder)/missing/x.xlsx", folder: folder, sheet: "Sheet", [.init("one", width: 8)], created: 0
      )
      try await book.append([[.text("x")]])
      await #expect(throws: Workbook.Failure.self) { try await book.close() }
      // A closed workbook takes nothing more.
      await #expect(throws: Workbook.Failure.self) { try await book.append([[.text("x")]]) }
    }
  }

  /// A workbook that is given up, or whose file cannot be made, leaves no file open.
  @Test func noFileStaysOpen() async throws {
    try await withTemporaryFolder { folder in
      func openFiles() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
          let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
          return target?.hasPrefix(folder) == true
        }
      }
      for name in ["given-up", "missing/x"] {
        var book: Workbook? = try workbook(folder, name)
        try await book?.append([[.text("x")]])
        #expect(try openFiles() == 1)
        if name != "given-up" {
          await #expect(throws: Workbook.Failure.self) { try await book?.close() }
        }
        book = nil
        try await until { try openFiles() == 0 }
      }
    }
  }

  /// The room that is asked for is that of the copy of the rows: as much as the sheet has in the end.
  @Test func bytesAreThoseOfTheSheet() async throws {
    try await withTemporaryFolder { folder in
      let book = try workbook(folder)
      for row in 0..<5000 {
        try await book.append([[.text("<row> \(row) & \"é\u{1}\""), .number(Double(row), decimals: 2)]])
      }
      let bytes = await book.bytes
      #expect(bytes > 300_000)
      try await book.close()
      #expect(await book.bytes == 0)
      let size = try await runProgram(
        "/usr/bin/python3",
        [
          "-c",
          "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).getinfo('xl/worksheets/sheet1.xml').file_size)",
          "\(folder)/x.xlsx",
        ])
      let sheet = try #require(Int(size.output.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect((bytes..<bytes + 2000).contains(sheet), "\(bytes) \(sheet)")
      let file = try FileManager.default.attributesOfItem(atPath: "\(folder)/x.xlsx")[.size] as? Int
      #expect((file ?? .max) < bytes)
    }
  }

  @Test func textsAreStoredAsTheyAre() {
    for (text, stored) in [
      ("plain _x", "plain _x"), ("_x0041_", "_x005F_x0041_"),
      ("_xAbCd_ _xg041_ _x004_", "_x005F_xAbCd_ _xg041_ _x004_"),
      ("a\u{0}b\u{FFFF}", "a\u{FFFD}b\u{FFFD}"), ("__x0041__", "__x005F_x0041__"),
    ] {
      #expect(Workbook.stored(text) == stored)
    }
    #expect(Workbook.stored(String(repeating: "x", count: 40_000)).count == Workbook.maxText)
  }
}
