import Foundation
import Testing

/// Metrics and logs of the server and the worker.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment)) struct MonitoringTests {
  /// Reads the port of the metrics server from the log.
  private func metricsPort(_ log: String) async throws -> String {
    try await wait(for: "the port of the metrics") {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      return text.firstMatch(of: #/"message":"metrics","port":"(\d+)"/#).map { String($0.1) }
    }
  }

  @Test func serverAndWorkerServeMetricsOnOwnPorts() async throws {
    var kept = ""
    let log = NSTemporaryDirectory() + "kitty-monitoring-\(UUID().uuidString).log"
    defer { try? FileManager.default.removeItem(atPath: log) }
    let settings = [
      "METRICS_PORT": "0", "METRICS_EMF": "on", "METRICS_NAMESPACE": "KittyCash/test", "LOG_FILE": log,
      "WORKER": "separate",
    ]
    try await Deployment.run(settings: settings) { deployment in
      let address = "http://127.0.0.1:\(try await metricsPort(deployment.folder + "/server.log"))/metrics"
      for _ in 0..<3 { _ = try await deployment.curl(#"curl -sS "$KITTY/v1/me""#) }
      let page = try await deployment.curl(#"curl -sS "$PAGE""#, ["PAGE": address])
      #expect(
        page.contains(
          "\nkittycash_http_requests_total{method=\"GET\",route=\"/v1/me\",status=\"401\"} 3\n"), "\(page)")
      #expect(page.contains("program=\"kittycash-server\",database=\"postgres\"} 1\n"))
      #expect(page.contains("\nkittycash_redis_up 1\n"))
      // Neither nginx nor the API serves it.
      for base in ["$KITTY", "http://127.0.0.1:\(deployment.serverPort)"] {
        let status = try await deployment.curl(#"curl -s -o /dev/null -w '%{http_code}' "\#(base)/metrics""#)
        #expect(status == "404")
      }

      let worker = deployment.folder + "/worker.log"
      try await deployment.startWorker()
      let workerPage = try await deployment.curl(
        #"curl -sS "$PAGE""#, ["PAGE": "http://127.0.0.1:\(try await metricsPort(worker))/metrics"])
      #expect(workerPage.contains("program=\"kittycash-worker\""), "\(workerPage)")
      #expect(workerPage.contains("\nkittycash_jobs{state=\"dead\"} 0\n"))
      #expect(!workerPage.contains("kittycash_http_requests_total"))
      try await deployment.stopWorker()
      try await deployment.stopServer()
      kept = try String(contentsOfFile: deployment.folder + "/server.log", encoding: .utf8)
      kept += try String(contentsOfFile: worker, encoding: .utf8)
    }
    // The shared file contains the output of both, with the metrics of the last minute.
    let filed = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(
      filed.sorted() == kept.split(separator: "\n").filter { $0.hasPrefix("{") }.map(String.init).sorted())
    let embedded = filed.filter { $0.contains(#""_aws""#) }
    #expect(embedded.contains { $0.contains(#""Program":"kittycash-server""#) })
    #expect(embedded.contains { $0.contains(#""Program":"kittycash-worker""#) })
    let refused = embedded.compactMap { line in
      line.firstMatch(of: #/"ClientErrors":(\d+)/#).flatMap { Int($0.1) }
    }
    #expect(refused.reduce(0, +) == 5, "\(embedded)")
    #expect(embedded.allSatisfy { $0.contains(#""Namespace":"KittyCash/test""#) })
  }

  /// The configuration of the agent has the namespace of docker-compose.yml, and the log file of
  /// docker-compose.cloudwatch.yml.
  @Test(arguments: ["dev", "test-docker", "prod"]) func cloudWatchAgentReadsTheLogFile(name: String) throws {
    struct Configuration: Decodable {
      struct Logs: Decodable {
        struct Collected: Decodable {
          struct Files: Decodable {
            struct File: Decodable {
              let file_path: String
              let log_group_name: String
            }
            let collect_list: [File]
          }
          let files: Files
        }
        let logs_collected: Collected
      }
      struct Metrics: Decodable { let namespace: String }
      let logs: Logs
      let metrics: Metrics
    }
    let data = try Data(contentsOf: URL(filePath: "\(Deployment.root)/etc/cloudwatch/\(name).json"))
    let configuration = try JSONDecoder().decode(Configuration.self, from: data)
    let files = configuration.logs.logs_collected.files.collect_list
    #expect(files.map(\.log_group_name) == ["kittycash/\(name)"])
    #expect(configuration.metrics.namespace == "KittyCash/\(name)")
    let agent = try String(
      contentsOfFile: Deployment.root + "/docker-compose.cloudwatch.yml", encoding: .utf8)
    #expect(agent.contains("\n    LOG_FILE: \(try #require(files.first).file_path)\n"))
    let compose = try String(contentsOfFile: Deployment.root + "/docker-compose.yml", encoding: .utf8)
    #expect(compose.contains("METRICS_NAMESPACE: KittyCash/${ENV:-test-docker}\n"))
  }
}
