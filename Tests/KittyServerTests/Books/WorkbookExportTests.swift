import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The table as a workbook has what the table in CSV has.
@Suite struct WorkbookExportTests {
  private struct Read: Decodable {
    let book, csv: [[String]]
    let sheets: [String]
  }

  /// Reads a workbook and a table with Python: each cell as a text, as its format shows it.
  private static let script = #"""
    import csv, datetime, io, json, re, sys, xml.etree.ElementTree as xml, zipfile
    ns = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(sys.argv[1]) as file:
        assert file.testzip() is None
        sheet = xml.fromstring(file.read("xl/worksheets/sheet1.xml"))
        styles = xml.fromstring(file.read("xl/styles.xml"))
        names = [s.get("name") for s in xml.fromstring(file.read("xl/workbook.xml")).iterfind(".//m:sheet", ns)]
    codes = {f.get("numFmtId"): f.get("formatCode") for f in styles.iterfind(".//m:numFmt", ns)}
    codes |= {"3": "#,##0", "4": "#,##0.00"}
    formats = [codes.get(x.get("numFmtId"), "") for x in styles.find("m:cellXfs", ns)]
    def text(cell):
        if cell.get("t") == "inlineStr":
            stored = "".join(t.text or "" for t in cell.iterfind(".//m:t", ns))
            return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), stored)
        value, code = float(cell.find("m:v", ns).text), formats[int(cell.get("s", "0"))]
        if code == "yyyy-mm-dd":
            return str(datetime.date(1899, 12, 30) + datetime.timedelta(int(value)))
        return f"{value:.{len(code.partition('.')[2])}f}" if code else f"{value:g}"
    def row(element):
        cells = [""] * 14
        for cell in element.iterfind("m:c", ns):
            assert cell.find("m:f", ns) is None, "a formula"
            cells[ord(cell.get("r")[0]) - 65] = text(cell)
        return cells
    book = [row(r) for r in sheet.iterfind(".//m:row", ns)]
    table = list(csv.reader(io.StringIO(open(sys.argv[2], encoding="utf-8-sig", newline="").read())))
    print(json.dumps({"book": book, "csv": table, "sheets": names}))
    """#

  @Test(arguments: Backend.available) func workbookHasTheRowsOfTheTable(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for (description, currency, amount, rate) in [
        ("plain", "EUR", "12.34", ""), ("=1+1", "USD", "0.10", #", "rate": "0.5""#),
        ("_x0041_ & <b> \\u1F469", "JPY", "1234567", #", "rate": "0.0061""#),
        ("+49, \\\"quoted\\\"", "KWD", "1.005", #", "rate": "3.01""#),
        ("漢字 \\u0301", "EUR", "9999999999.99", ""),
      ] {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "\#(description)", "amount": "\#(amount)", "currency": "\#(currency)", "payer": "\#(books.anna)", "note": "a\nb #tag"\#(rate)}"#
        )
      }
      _ = try await books.enter(
        "/expenses",
        #"{"description": "old", "amount": "1", "date": "1900-02-28", "payer": "\#(books.anna)"}"#)
      let folder = NSTemporaryDirectory() + "kitty-\(ID(at: .now))"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let answer = try await books.send("GET", "/export?format=xlsx")
      try #require(answer.status == 200, "\(answer.text)")
      #expect(
        answer.header("Content-Type") == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
      #expect(answer.header("Content-Disposition")?.hasSuffix(".xlsx\"") == true)
      #expect(answer.header("Content-Length") == "\(answer.response.body.count)")
      try Data(answer.response.body).write(to: URL(filePath: folder + "/x.xlsx"))
      let table = try await books.send("GET", "/export?format=csv").text
      try table.write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
      let printed = try await runProgram(
        "/usr/bin/python3", ["-c", Self.script, folder + "/x.xlsx", folder + "/x.csv"])
      try #require(printed.status == 0, "\(printed.output)")
      let read = try JSONDecoder().decode(Read.self, from: Data(printed.output.utf8))
      #expect(read.sheets == ["Entries"] && read.book.count == 25)
      // In CSV, an apostrophe keeps a text from being a formula.
      let plain = read.csv.map { row in
        row.map { $0.hasPrefix("'") ? String($0.dropFirst()) : $0 }
      }
      #expect(read.book == plain)
      // The file is gone with its response.
      let uploads = books.server.folder + "/uploads"
      try await until { try FileManager.default.contentsOfDirectory(atPath: uploads).isEmpty }
    }
  }
}
