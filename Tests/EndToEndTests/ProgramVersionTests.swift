import KittyShared
import Testing

/// `--version` of the built programs.
@Suite struct ProgramVersionTests {
  @Test(arguments: ["kittycash", "kittycash-server"]) func programPrintsTheVersion(name: String) async throws
  {
    let outcome = try await shell(
      #""$PROGRAM" --version"#, ["PROGRAM": "\(Deployment.programs)/\(name)"])
    #expect(outcome.succeeded && outcome.output == "\(KittyCash.version)\n", "\(outcome)")
  }
}
