import FoundationEssentials
import KittyShared
import TestSupport
import Testing
import Yams

/// The files with which a publisher releases the images.
@Suite struct PublishingTests {
  @Test func workflowRunsForVersionsAndSignsWithLeastPermissions() throws {
    let file = try Document(".github/workflows/publish.yml").text
    let workflow = try JSONValue(yaml: try #require(try Yams.load(yaml: file)))
    #expect(workflow["on"]?.fields?.keys.sorted() == ["push"])
    #expect(workflow["on"]?["push"]?["tags"]?.names == ["v[0-9]+.[0-9]+.[0-9]+"])
    #expect(workflow["permissions"] == JSONValue.object(["contents": .text("read")]))
    let jobs = try #require(workflow["jobs"]?.fields)
    #expect(jobs.keys.sorted() == ["build", "publish"])
    // Only the job that runs no code of the repository may ask for a certificate.
    #expect(jobs["build"]?["permissions"]?["id-token"] == nil)
    #expect(jobs["publish"]?["permissions"]?["id-token"]?.text == "write")
    var used: [String] = []
    for job in jobs.values {
      for step in job["steps"]?.items ?? [] {
        guard let action = step["uses"]?.text else { continue }
        used.append(action)
        #expect(action.wholeMatch(of: #/[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})/#) != nil, "\(action)")
      }
    }
    #expect(used.contains { $0.hasPrefix("sigstore/cosign-installer@") } && used.count == 6, "\(used)")
  }

  /// Renovate finds the base images by this pattern.
  @Test func renovateFindsEveryBaseImage() throws {
    let settings = try JSON.decode(JSONValue.self, from: Data(Document("renovate.json").text.utf8))
    let pattern = try #require(settings["customManagers"]?.items?.first?["matchStrings"]?.items?.first?.text)
    let file = try Document("base-images.yml").text
    let matches = try file.matches(of: Regex(pattern))
    #expect(matches.count > 4 && matches.count == file.matches(of: #/\n +\w+_IMAGE: /#).count)
    #expect(matches.contains { $0.output["depName"]?.substring == "postgres" }, "\(matches.count)")
  }
}
