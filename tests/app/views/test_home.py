import pytest

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_program_gets_json_and_a_browser_a_page(client):
    assert client.get("/").json["endpoints"].keys() >= {"/predict", "/docs"}
    assert client.get("/", headers={"Accept": "*/*"}).is_json
    page = client.get("/", headers=HTML)
    assert page.content_type.startswith("text/html")
    assert "<h1>willbuy</h1>" in page.text


def test_every_endpoint_it_tells_of_is_there(client):
    for path in client.get("/").json["endpoints"]:
        assert client.options(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_elsewhere(client, path):
    page = client.get(path, headers=HTML)
    assert "//" not in page.text.replace("<!--", "")
    assert "http" not in page.headers["Content-Security-Policy"]


def test_reports_are_listed_and_shut_in(client, products):
    (products / "reports").mkdir()
    (products / "reports" / "evaluate.html").write_text("<script>1</script>")
    (products / "secret.html").write_text("no report")
    assert "/reports/evaluate.html" in client.get("/", headers=HTML).text
    report = client.get("/reports/evaluate.html")
    assert report.headers["Content-Security-Policy"].startswith("sandbox allow-scripts; default-src 'none'")
    for name in ("train", "..%2fsecret", "../secret", "%2e%2e/secret"):
        assert client.get(f"/reports/{name}.html").status_code == 404
