//! A signed manifest is the manifest with the grant's parameters behind each address that the grant covers, and the verifier allows
//! each of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;

use countersign::verifier::{Request, Verifier};
use countersign::{Conditions, ErrorCode, Grant, LoadOptions, ManifestOptions, PrivateKey, Signer};
use proptest::prelude::*;

const ID: &str = "K2JCJMDEHXQW5F";
const NOW: i64 = 1_893_456_000;
const LIST: &str = "https://d.net/films/index.m3u8";
const MPD: &str = "https://d.net/films/index.mpd";

fn key() -> PrivateKey {
    PrivateKey::load(&cases::key_file("p256"), &LoadOptions::new()).unwrap()
}

fn grant(resource: &str) -> Grant {
    Signer::new(ID, key()).unwrap().grant(resource, &Conditions::new("2h").now(NOW)).unwrap()
}

fn films() -> Grant {
    grant("https://d.net/films/*")
}

/// The parameters that a grant adds to an address without a query.
fn parameters(grant: &Grant) -> String {
    let url = grant.url("https://d.net/films/x").unwrap();
    url.split_once('?').unwrap().1.to_owned()
}

/// The signed manifest with `¤` for the parameters.
fn signed(grant: &Grant, text: &str, url: &str) -> String {
    let parameters = parameters(grant);
    let signed = grant.manifest(text, url).unwrap();
    signed.replace(&parameters.replace('&', "&amp;"), "¤").replace(&parameters, "¤")
}

fn refused(grant: &Grant, text: &str, url: &str) -> (ErrorCode, String) {
    let error = grant.manifest(text, url).unwrap_err();
    (error.code(), error.message().to_owned())
}

/// As for every URL that is signed: the origin might read another path.
#[test]
fn an_address_that_hides_a_dot_segment_is_refused_with_its_line() {
    for address in
        ["a/..;/x.ts", "a/..%2fx.ts", "a/.%2e%2fx.ts", "a/..%00/x.ts", "a/..;é.ts", "a/%c0%ae%c0%ae/x.ts", "/films/..;x/y.ts"]
    {
        let (code, message) = refused(&films(), &format!("#EXTM3U\nfirst.ts\n{address}\n"), LIST);
        assert_eq!(code, ErrorCode::InvalidUrl, "{address}");
        assert!(message.contains("line 3"), "{message}");
    }
    assert_eq!(signed(&films(), "#EXTM3U\na/..x/...;y/%252e%252e/z.ts\n", LIST), "#EXTM3U\na/..x/...;y/%252e%252e/z.ts?¤\n");
}

#[test]
fn every_tag_of_hls_that_has_an_address() {
    let text = "\u{feff}#EXTM3U\r\n#EXT-X-VERSION:12\r\n# a comment, index.m3u8\r\n\r\n\
        #EXT-X-KEY:METHOD=AES-128,URI=\"key.bin\",IV=0x1\n\
        #EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://123\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n\
        #EXT-X-KEY:METHOD=NONE\n\
        #EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"data:text/plain;base64,AAAA\"\n\
        #EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"720@0\"\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x, URI=y\",URI=\"audio/en.m3u8?v=1\"\n\
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"iframes.m3u8\"\n\
        #EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI=\"images.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=1\n\
        hd/index.m3u8\n\
        #EXT-X-SESSION-DATA:DATA-ID=\"x\",URI=\"data.json\"\n\
        #EXT-X-PART:DURATION=1,URI=\"1.0.m4s\",INDEPENDENT=YES\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"1.1.m4s\"\n\
        #EXT-X-RENDITION-REPORT:URI=\"../films/sd.m3u8\",LAST-MSN=1\n\
        #EXT-X-CONTENT-STEERING:SERVER-URI=\"/films/steer.json\",PATHWAY-ID=\"a\"\n\
        #EXT-X-DATERANGE:ID=\"ad\",CLASS=\"com.apple.hls.interstitial\",START-DATE=\"2030-01-01T00:00:00Z\",X-ASSET-URI=\"ad.m3u8\"\n\
        #EXT-X-DATERANGE:ID=\"ads\",X-ASSET-LIST=\"https://ads.example/list.json\",X-URI=\"note.txt\"\n\
        #EXTINF:4,title, with URI=\"no.ts\"\n\
        https://d.net/films/1.ts?a=b#t=1\n\
        #EXTINF:4,\n  2.ts \t\n#EXT-X-BYTERANGE:5@0\n//d.net/films/3.ts\n#EXT-X-UNKNOWN:URI=\"left.ts\"\n#EXT-X-ENDLIST";
    assert_eq!(
        signed(&films(), text, LIST),
        "\u{feff}#EXTM3U\r\n#EXT-X-VERSION:12\r\n# a comment, index.m3u8\r\n\r\n\
        #EXT-X-KEY:METHOD=AES-128,URI=\"key.bin?¤\",IV=0x1\n\
        #EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://123\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n\
        #EXT-X-KEY:METHOD=NONE\n\
        #EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"data:text/plain;base64,AAAA\"\n\
        #EXT-X-MAP:URI=\"init.mp4?¤\",BYTERANGE=\"720@0\"\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x, URI=y\",URI=\"audio/en.m3u8?v=1&¤\"\n\
        #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"iframes.m3u8?¤\"\n\
        #EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI=\"images.m3u8?¤\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=1\n\
        hd/index.m3u8?¤\n\
        #EXT-X-SESSION-DATA:DATA-ID=\"x\",URI=\"data.json?¤\"\n\
        #EXT-X-PART:DURATION=1,URI=\"1.0.m4s?¤\",INDEPENDENT=YES\n\
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"1.1.m4s?¤\"\n\
        #EXT-X-RENDITION-REPORT:URI=\"../films/sd.m3u8?¤\",LAST-MSN=1\n\
        #EXT-X-CONTENT-STEERING:SERVER-URI=\"/films/steer.json?¤\",PATHWAY-ID=\"a\"\n\
        #EXT-X-DATERANGE:ID=\"ad\",CLASS=\"com.apple.hls.interstitial\",START-DATE=\"2030-01-01T00:00:00Z\",X-ASSET-URI=\"ad.m3u8?¤\"\n\
        #EXT-X-DATERANGE:ID=\"ads\",X-ASSET-LIST=\"https://ads.example/list.json\",X-URI=\"note.txt?¤\"\n\
        #EXTINF:4,title, with URI=\"no.ts\"\n\
        https://d.net/films/1.ts?a=b&¤#t=1\n\
        #EXTINF:4,\n  2.ts?¤ \t\n#EXT-X-BYTERANGE:5@0\n//d.net/films/3.ts?¤\n#EXT-X-UNKNOWN:URI=\"left.ts\"\n#EXT-X-ENDLIST"
    );
}

#[test]
fn variables_of_hls_stay_and_are_covered_by_what_they_stand_for() {
    let defined = |define: &str, address: &str| format!("#EXTM3U\n#EXT-X-DEFINE:{define}\n{address}\n");
    for (define, address, expected) in [
        ("NAME=\"base\",VALUE=\"https://d.net/films\"", "{$base}/1.ts", "{$base}/1.ts?¤"),
        ("NAME=\"file\",VALUE=\"1.ts?a=b\"", "{$file}", "{$file}&¤"),
        ("NAME=\"other\",VALUE=\"https://other.net\"", "{$other}/1.ts", "{$other}/1.ts"),
        ("QUERYPARAM=\"q\"", "{$q}/1.ts", "{$q}/1.ts?¤"),
        ("NAME=\"a\",VALUE=\"1\"", "x{$a", "x{$a?¤"),
        // The value of a value.
        ("NAME=\"o\",VALUE=\"https://other.net\"\n#EXT-X-DEFINE:NAME=\"p\",VALUE=\"{$o}/x\"", "{$p}/1.ts", "{$p}/1.ts"),
        ("NAME=\"a\",VALUE=\"x\"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"{$a}/y\"", "{$b}/1.ts", "{$b}/1.ts?¤"),
        ("IMPORT=\"cdn\"\n#EXT-X-DEFINE:NAME=\"title\",VALUE=\"{$cdn}\"", "1.ts", "1.ts?¤"),
        (
            "QUERYPARAM=\"Policy\"",
            "1.ts?Policy={$Policy}&Signature={$Signature}&Key-Pair-Id={$Key-Pair-Id}",
            "1.ts?Policy={$Policy}&Signature={$Signature}&Key-Pair-Id={$Key-Pair-Id}",
        ),
    ] {
        let url = format!("{LIST}?q=a%20b");
        assert_eq!(signed(&films(), &defined(define, address), &url), defined(define, expected), "{define}");
    }
    for (define, address, name) in [
        ("IMPORT=\"cdn\"", "{$cdn}/1.ts", "\"cdn\""),
        ("QUERYPARAM=\"token\"", "1.ts?{$token}", "\"token\""),
        ("NAME=\"a\",VALUE=\"1\"", "{$b}.ts", "\"b\""),
        ("NAME=\"a\",VALUE=\"1#\"", "{$a}.ts", "\"a\""),
    ] {
        let (code, message) = refused(&films(), &defined(define, address), LIST);
        assert_eq!(code, ErrorCode::InvalidManifest, "{message}");
        assert!(message.starts_with("line 3 of the manifest: ") && message.contains(name), "{message}");
    }
    for (define, address) in
        [("IMPORT=\"cdn\"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"{$cdn}/y\"", "{$b}/1.ts"), ("NAME=\"a\",VALUE=\"{$a}\"", "{$a}/1.ts")]
    {
        let (code, message) = refused(&films(), &defined(define, address), LIST);
        assert_eq!(code, ErrorCode::InvalidManifest, "{message}");
    }
    let up = "NAME=\"a\",VALUE=\"../music\"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"{$a}/y\"";
    assert_eq!(refused(&films(), &defined(up, "{$b}/1.ts"), LIST).0, ErrorCode::ResourceMismatch);
    let doubled: String =
        (0..64).map(|index| format!("#EXT-X-DEFINE:NAME=\"v{}\",VALUE=\"{{$v{index}}}{{$v{index}}}\"\n", index + 1)).collect();
    let doubled = format!("#EXTM3U\n#EXT-X-DEFINE:NAME=\"v0\",VALUE=\"xx\"\n{doubled}{{$v64}}.ts\n");
    assert_eq!(refused(&films(), &doubled, LIST).0, ErrorCode::InvalidManifest);
    let bomb = format!("#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{}\"\n{}\n", "x".repeat(5_000), "{$a}".repeat(5_000));
    assert_eq!(refused(&films(), &bomb, LIST).0, ErrorCode::InvalidManifest);
    let outside = defined("NAME=\"up\",VALUE=\"../music\"", "{$up}/1.ts");
    assert_eq!(refused(&films(), &outside, LIST).0, ErrorCode::ResourceMismatch);
}

#[test]
fn ends_of_lines() {
    for end in ["\n", "\r\n", "\r", "\n\n", "\r\r\n"] {
        let text = ["\u{feff}#EXTM3U", "#EXTINF:4,", "1.ts", "#EXT-X-MAP:URI=\"i.mp4\"", " 2.ts ", "#EXT-X-ENDLIST"];
        let expected = ["\u{feff}#EXTM3U", "#EXTINF:4,", "1.ts?¤", "#EXT-X-MAP:URI=\"i.mp4?¤\"", " 2.ts?¤ ", "#EXT-X-ENDLIST"];
        assert_eq!(signed(&films(), &text.join(end), LIST), expected.join(end), "{end:?}");
        let outside = ["#EXTM3U", "../music/1.ts", ""].join(end);
        assert_eq!(refused(&films(), &outside, LIST).0, ErrorCode::ResourceMismatch, "{end:?}");
    }
    assert!(refused(&films(), "#EXTM3U\r\n1.ts\r\n../1.ts\r\n", LIST).1.starts_with("line 3 of"));
}

#[test]
fn queries_of_every_form_open() {
    let verifier = Verifier::new([(ID.to_owned(), key().public_key())]).unwrap();
    for address in [
        "a.ts?",
        "a.ts??",
        "a.ts?&",
        "a.ts?b=c?",
        "a.ts?b?&",
        "a.ts?b?c=d",
        "a.ts?b&&",
        "a.ts?b=c&d#e?f&",
        "?b",
        "?b?",
        "a b.ts?c?",
    ] {
        for text in
            [format!("#EXTM3U\n{address}\n"), format!("<MPD><BaseURL>\n{}\n</BaseURL></MPD>", address.replace('&', "&amp;"))]
        {
            let is_folder = text.starts_with('<') && address.starts_with('?');
            let signed = films().manifest(&text, LIST).unwrap().replace("&amp;", "&");
            let line = signed.lines().nth(1).unwrap();
            let asked = url::Url::parse(LIST).unwrap().join(line).unwrap();
            let is_allowed = verifier.verify(&Request::new(asked.as_str()).now(NOW)).unwrap().is_allowed();
            assert_eq!(is_allowed, !is_folder, "{address}: {asked}");
        }
    }
}

#[test]
fn attributes_as_players_read_them() {
    for (line, expected) in [
        ("#EXT-X-MAP: URI = \"a.mp4\" ,BYTERANGE=\"1@0\"", "#EXT-X-MAP: URI = \"a.mp4?¤\" ,BYTERANGE=\"1@0\""),
        ("#EXT-X-MEDIA:NAME=\"a,URI=b\",URI=\"x,y.m3u8\"", "#EXT-X-MEDIA:NAME=\"a,URI=b\",URI=\"x,y.m3u8?¤\""),
        ("#EXT-X-KEY:METHOD=AES-128,URI=key.bin,IV=0x0", "#EXT-X-KEY:METHOD=AES-128,URI=key.bin?¤,IV=0x0"),
        ("\t#EXT-X-MAP:URI=\" a.mp4 \"", "\t#EXT-X-MAP:URI=\" a.mp4?¤ \""),
        ("#EXT-X-MEDIA:X-URI=\"a\",URI-X=\"b\",URI=\"\"", "#EXT-X-MEDIA:X-URI=\"a\",URI-X=\"b\",URI=\"\""),
        ("#EXT-X-MAPPING:URI=\"a.mp4\"", "#EXT-X-MAPPING:URI=\"a.mp4\""),
        ("#ext-x-map:URI=\"a.mp4\"", "#ext-x-map:URI=\"a.mp4\""),
        ("#EXT-X-MAP", "#EXT-X-MAP"),
    ] {
        assert_eq!(signed(&films(), &format!("#EXTM3U\n{line}\n"), LIST), format!("#EXTM3U\n{expected}\n"));
    }
    let absolute = ManifestOptions::new().absolute(true);
    let unclosed = films().manifest_with("#EXTM3U\nx{$a\n", LIST, absolute).unwrap();
    assert!(unclosed.starts_with("#EXTM3U\nhttps://d.net/films/x%7B$a?Policy="), "{unclosed}");
}

#[test]
fn dash_in_odd_but_lawful_xml() {
    let mpd = |content: &str| format!("<MPD xmlns:xl='http://www.w3.org/1999/xlink'>{content}</MPD>");
    let one = |content: &str| mpd(&format!("<Period><AdaptationSet>{content}</AdaptationSet></Period>"));
    for (text, expected) in [
        (mpd("<Period><ImportedMPD earliestResolutionTimeOffset='1'>ad.mpd</ImportedMPD></Period>"), "ad.mpd?¤"),
        (mpd("<BaseURL><!-- x -->a.mp4<!-- y --></BaseURL>"), "a.mp4?¤<!-- y -->"),
        (mpd("<Location>x<![CDATA[.mpd]]>?a</Location>"), "<![CDATA[.mpd]]>?a&amp;¤"),
        (mpd("<?a <BaseURL>b</BaseURL>?><Location>\r\nx.mpd\r\n</Location>"), "\r\nx.mpd?¤\r\n"),
        (one("<SegmentTemplate a='>' media = \"\n a>b.m4s\t\"\n/>"), "a>b.m4s?¤\t"),
        (one("<SegmentTemplate media='a&quot;b.m4s'/>"), "a&quot;b.m4s?¤"),
        (one("<SegmentTemplate media='v_$Number%05d$-$Time$-$$.m4s'/>"), "$$.m4s?¤"),
        (one("<SegmentList xl:href='list.xml'/>"), "list.xml?¤"),
        (one("<Representation><BaseURL byteRange='$first$'>a&#x2e;mp4?x&#61;1</BaseURL></Representation>"), "x&#61;1&amp;¤"),
        (mpd("<BaseURL>../</BaseURL><Period><BaseURL>films/</BaseURL><BaseURL>a.mp4</BaseURL></Period>"), ""),
    ] {
        let result = films().manifest(&text, MPD);
        if expected.is_empty() {
            assert_eq!(result.unwrap_err().code(), ErrorCode::ResourceMismatch, "{text}");
        } else {
            let result = signed(&films(), &text, MPD);
            assert!(result.contains(expected), "{text}: {result}");
            assert_eq!(result.replace("&amp;¤", "").replace("?¤", ""), text);
        }
    }
    for (text, line) in [
        (one("\n<Representation><BaseURL>&#46;&#46;/music/a.mp4</BaseURL></Representation>"), 2),
        (one("<SegmentTemplate\nmedia='../$Number$.m4s'/>"), 2),
    ] {
        let (code, message) = refused(&films(), &text, MPD);
        assert!(code == ErrorCode::ResourceMismatch && message.starts_with(&format!("line {line} of")), "{message}");
    }
}

#[test]
fn dash_by_elements_and_attributes() {
    let text = "\u{feff}<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- <BaseURL>not.mp4</BaseURL> -->\r\n\
        <MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" xmlns:x=\"http://www.w3.org/1999/xlink\" type=\"static\"  >\n\
        <ProgramInformation moreInformationURL=\"https://d.net/about\"><Title>media=\"a\" &lt;BaseURL></Title></ProgramInformation>\n\
        <Location> index.mpd?x=1&amp;y=2 </Location><PatchLocation ttl='5'>patch.mpp</PatchLocation>\n\
        <ContentSteering defaultServiceLocation=\"a\">https://steer.example/x</ContentSteering>\n\
        <BaseURL>hd/</BaseURL><BaseURL>https://other.net/films/</BaseURL>\n\
        <InitializationSet initialization=\"set.mp4\"/>\n\
        <Period x:href=\"period.xml\" x:actuate=\"onLoad\"><EventStream x:href='urn:mpeg:dash:resolve-to-zero:2013'/>\n\
        <AdaptationSet><SegmentTemplate media='$RepresentationID$/$Number%05d$.m4s?a=b&amp;c' initialization=\"$RepresentationID$/init.mp4\"\n\
        index = \"i\" bitstreamSwitching=\"s\" timescale=\"1\" />\n\
        <Representation id=\"v&amp;1\" bandwidth=\"1\"><BaseURL>low/</BaseURL></Representation></AdaptationSet>\n\
        <AdaptationSet><Representation><BaseURL><![CDATA[one.mp4?a&b]]></BaseURL>\n\
        <SegmentBase><Initialization range=\"0-1\" sourceURL=\"init.mp4#x\"/><RepresentationIndex sourceURL=\"index.sidx\"/></SegmentBase></Representation>\n\
        <Representation><SegmentList><Initialization/><SegmentURL media=\"1.m4s\" index=\"1.sidx\"/><SegmentURL mediaRange=\"0-1\"/>\n\
        <BitstreamSwitching sourceURL=\"b\"/></SegmentList></Representation></AdaptationSet></Period></MPD>\n<!-- end -->";
    let expected = text
        .replace("index.mpd?x=1&amp;y=2", "index.mpd?x=1&amp;y=2&amp;¤")
        .replace("patch.mpp", "patch.mpp?¤")
        .replace("\"set.mp4\"", "\"set.mp4?¤\"")
        .replace("period.xml", "period.xml?¤")
        .replace("m4s?a=b&amp;c", "m4s?a=b&amp;c&amp;¤")
        .replace("$RepresentationID$/init.mp4", "$RepresentationID$/init.mp4?¤")
        .replace("index = \"i\" bitstreamSwitching=\"s\"", "index = \"i?¤\" bitstreamSwitching=\"s?¤\"")
        .replace("one.mp4?a&b", "one.mp4?a&b&¤")
        .replace("init.mp4#x", "init.mp4?¤#x")
        .replace("index.sidx", "index.sidx?¤")
        .replace("\"1.m4s\" index=\"1.sidx\"", "\"1.m4s?¤\" index=\"1.sidx?¤\"")
        .replace("sourceURL=\"b\"", "sourceURL=\"b?¤\"");
    assert_eq!(signed(&films(), text, MPD), expected);
    let prefixed =
        |base: &str| format!("<m:MPD xmlns:m='urn:x'><m:BaseURL>{base}</m:BaseURL><BaseURL>other.mp4</BaseURL></m:MPD>");
    assert_eq!(signed(&films(), &prefixed("a.mp4"), MPD), prefixed("a.mp4?¤"));
}

#[test]
fn what_dash_may_not_have() {
    let mpd = |content: &str| format!("<MPD>\n{content}\n</MPD>");
    for (text, line) in [
        ("<!DOCTYPE MPD [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<MPD><BaseURL>&b;</BaseURL></MPD>".to_owned(), 1),
        (mpd("<BaseURL>a&unknown;b</BaseURL>"), 2),
        (mpd("<BaseURL>a<b/></BaseURL>"), 2),
        (mpd("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"/etc/passwd\"/>"), 2),
        (mpd("<Period>"), 3),
        (mpd("<Period a='1' a='2'/>"), 2),
        (mpd("<Period a=1/>"), 2),
        ("<MPD>\n<Period>\n".to_owned(), 3),
        ("<MPD/>\n<MPD/>".to_owned(), 2),
        ("<SmoothStreamingMedia/>".to_owned(), 1),
        ("<!-- nothing -->".to_owned(), 0),
    ] {
        let error = films().manifest(&text, MPD).expect_err(&text);
        assert_eq!(error.code(), ErrorCode::InvalidManifest, "{text}: {error:?}");
        assert!(line == 0 || error.message().starts_with(&format!("line {line} of the manifest: ")), "{text}: {error:?}");
        assert!(error.hint().is_some());
    }
    let page = films().manifest("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", MPD).unwrap_err();
    assert!(page.hint().unwrap().contains("an answer in place of the manifest"), "{page:?}");
    let many: String = (0..80).map(|index| format!("<BaseURL>{index}/</BaseURL>")).collect();
    assert!(refused(&films(), &mpd(&many), MPD).1.contains("64 places"));
    let levels: String = (0..9).map(|index| format!("<BaseURL>{index}/</BaseURL>")).collect();
    assert!(refused(&films(), &mpd(&format!("{levels}<Period>{levels}</Period>")), MPD).1.contains("64 places"));
    let attributes: String = (0..300).map(|index| format!(" a{index}=''")).collect();
    assert!(refused(&films(), &mpd(&format!("<Period{attributes}/>")), MPD).1.contains("256 attributes"));
}

#[test]
fn work_on_a_hostile_mpd_is_bounded() {
    // Each segment could be in each representation's folder.
    let list = "<SegmentURL media='a'/>".repeat(30_000);
    let representations: String =
        (0..10_000).map(|index| format!("<Representation><BaseURL>{index}/</BaseURL></Representation>")).collect();
    let text =
        format!("<MPD><Period><AdaptationSet><SegmentList>{list}</SegmentList>{representations}</AdaptationSet></Period></MPD>");
    assert!(refused(&films(), &text, MPD).1.contains("400000"));
    let deep = "<a>".repeat(1_000_000) + "<BaseURL>x.mp4</BaseURL>";
    assert_eq!(refused(&films(), &format!("<MPD>{deep}"), MPD).0, ErrorCode::InvalidManifest);
    assert_eq!(refused(&films(), &format!("#EXTM3U\n{}", "a\n".repeat(100_001)), LIST).0, ErrorCode::InvalidManifest);
    assert_eq!(refused(&films(), &"a".repeat(10_000_001), LIST).0, ErrorCode::InvalidManifest);
}

#[test]
fn what_is_not_covered() {
    let list = |address: &str| format!("#EXTM3U\n#EXTINF:1,\n{address}\n");
    for address in [
        "skd://123",
        "data:text/plain,x",
        "urn:uuid:1",
        "https://ads.example/1.ts",
        "http://ads.example/1.ts?Expires=1",
        "//ads.example/1.ts",
        "https://d.net:8443/films/1.ts",
        "https://d.net/films/1.ts?Expires=1&Signature=AAAA&Key-Pair-Id=K1",
        "1.ts?Signature=AAAA&Policy=AAAA&Key-Pair-Id=K1#t",
    ] {
        assert_eq!(signed(&films(), &(list("0.ts") + address), LIST), list("0.ts?¤") + address);
    }
    for address in [
        "https://d.net/music/1.ts",
        "../music/1.ts",
        "/1.ts",
        "..",
        "./a/../../1.ts",
        "%2e%2e/1.ts",
        "..\\1.ts",
        "http://d.net/films/1.ts",
        "HTTPS://D.NET/music/1.ts",
    ] {
        let (code, message) = refused(&films(), &list(address), LIST);
        assert_eq!(code, ErrorCode::ResourceMismatch, "{address}");
        assert!(message.starts_with("line 3 of the manifest: "), "{message}");
    }
    for (address, code) in [
        ("1.ts?Expires=1", ErrorCode::ReservedParameter),
        ("%2e/1.ts?Policy", ErrorCode::ReservedParameter),
        ("https://d.net:99999/films/1.ts", ErrorCode::InvalidUrl),
        ("https://user@d.net/films/1.ts", ErrorCode::InvalidUrl),
        (&"a".repeat(9_000), ErrorCode::TooLong),
    ] {
        let (found, message) = refused(&films(), &list(address), LIST);
        assert_eq!(found, code, "{address}");
        assert!(message.starts_with("line 3 of the manifest: "), "{message}");
    }
}

#[test]
fn a_grant_for_everything_goes_to_no_other_host() {
    let text = "#EXTM3U\n1.ts\nhttps://ads.example/1.ts\nhttps://d.net/x.ts\n";
    for resource in ["*", "https://*", "http*://*/*", "*://*.*/*"] {
        assert_eq!(signed(&grant(resource), text, LIST), "#EXTM3U\n1.ts?¤\nhttps://ads.example/1.ts\nhttps://d.net/x.ts?¤\n");
    }
    let wide = grant("https://*.d.net/*");
    let parameters = wide.url("https://a.d.net/x").unwrap().split_once('?').unwrap().1.to_owned();
    assert_eq!(
        wide.manifest("#EXTM3U\nhttps://a.d.net/1.ts\nhttps://d.net.evil/1.ts\n", "https://b.d.net/x.m3u8").unwrap(),
        format!("#EXTM3U\nhttps://a.d.net/1.ts?{parameters}\nhttps://d.net.evil/1.ts\n")
    );
}

#[test]
fn the_manifest_itself() {
    let text = "#EXTM3U\n1.ts\n";
    for url in [
        LIST,
        "https://D.net:443/films/a/../index.m3u8?x=1#y",
        "https://d.net/films/index.m3u8?Policy=A&Signature=B&Key-Pair-Id=C",
    ] {
        assert_eq!(signed(&films(), text, url), "#EXTM3U\n1.ts?¤\n");
    }
    for (text, url, code) in [
        (text, "index.m3u8", ErrorCode::InvalidUrl),
        (text, "", ErrorCode::InvalidUrl),
        (text, "file:///index.m3u8", ErrorCode::UnsupportedScheme),
        (text, "https://bucket.s3.amazonaws.com/films/index.m3u8", ErrorCode::ResourceMismatch),
        ("", LIST, ErrorCode::InvalidManifest),
        ("\u{feff}", LIST, ErrorCode::InvalidManifest),
        ("G@\u{10}", LIST, ErrorCode::InvalidManifest),
        ("1.ts\n#EXTM3U\n", LIST, ErrorCode::InvalidManifest),
        ("#EXTM3U\n1.ts\0\n", LIST, ErrorCode::InvalidManifest),
        ("{\"error\":1}", LIST, ErrorCode::InvalidManifest),
        ("#EXTM3U\n#EXT-X-KEY:URI=\"key", LIST, ErrorCode::InvalidManifest),
    ] {
        assert_eq!(refused(&films(), text, url).0, code, "{text} {url}");
    }
    let single = Signer::new(ID, key()).unwrap().grant(LIST, &Conditions::new("2h").now(NOW)).unwrap();
    let error = single.manifest(text, LIST).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceMismatch);
    assert!(error.hint().unwrap().contains("/films/*"));
    let foreign = "#EXTM3U\nhttps://ads.example/1.ts\n//ads.example/2.ts\n";
    assert_eq!(films().manifest(foreign, LIST).unwrap(), foreign);
    let empty = "#EXTM3U\n#EXT-X-ENDLIST\n";
    assert_eq!(films().manifest(empty, "https://other.net/x.m3u8").unwrap(), empty);
}

#[test]
fn absolute_addresses_for_another_site() {
    let absolute = |text: &str, url: &str| {
        let signed = films().manifest_with(text, url, ManifestOptions::new().absolute(true)).unwrap();
        signed.replace(&parameters(&films()).replace('&', "&amp;"), "¤").replace(&parameters(&films()), "¤")
    };
    assert_eq!(
        absolute(
            "#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x y\"\n#EXT-X-KEY:URI=\"skd://1\"\n{$a}.ts?b#c\n#EXT-X-MAP:URI=\"\"\n",
            LIST
        ),
        "#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x y\"\n#EXT-X-KEY:URI=\"skd://1\"\nhttps://d.net/films/x%20y.ts?b&¤#c\n#EXT-X-MAP:URI=\"\"\n"
    );
    assert_eq!(
        absolute("<MPD><ProgramInformation/><Location>a?b&amp;c#d</Location><Period><BaseURL>x/</BaseURL></Period></MPD>", MPD),
        "<MPD><ProgramInformation/><BaseURL>https://d.net/films/</BaseURL><Location>https://d.net/films/a?b&amp;c&amp;¤#d</Location><Period><BaseURL>x/</BaseURL></Period></MPD>"
    );
    assert_eq!(
        absolute("<m:MPD><m:BaseURL> x/ </m:BaseURL><m:BaseURL>y.mp4</m:BaseURL></m:MPD>", MPD),
        "<m:MPD><m:BaseURL> https://d.net/films/x/ </m:BaseURL><m:BaseURL>https://d.net/films/y.mp4?¤</m:BaseURL></m:MPD>"
    );
}

/// Each line of an HLS playlist that is an address.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Removes the parameters and their separator by plain search.
fn plain(signed: &str, parameters: &str, ampersand: &str) -> String {
    let mut plain = String::new();
    for (index, part) in signed.split(parameters).enumerate() {
        if index > 0 {
            let end = plain.strip_suffix(ampersand).or_else(|| plain.strip_suffix('?')).expect("a separator").len();
            plain.truncate(end);
        }
        plain.push_str(part);
    }
    plain
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_result_or_a_coded_error(text in "\\PC{0,60}", head in prop::sample::select(vec!["", "#EXTM3U\n", "<MPD>", "\u{feff}<MPD><BaseURL>"])) {
        let text = format!("{head}{text}");
        let _ = films().manifest(&text, LIST);
    }

    #[test]
    fn hls_is_the_original_with_parameters_that_open_it(
        list in prop::collection::vec("(#EXTINF:4,|#EXT-X-MAP:URI=\"i[a-z]{1,3}\"|[a-zé ]{0,2}[a-z0-9]{1,4}\\.ts(\\?[a-z]{1,2}=[0-9&]{0,2}[0-9])?|/films/[a-z]{1,3}|skd://[a-z]{1,3})", 0..12),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        has_last_end in any::<bool>(),
    ) {
        let mut text = format!("#EXTM3U{end}{}", list.join(end));
        if has_last_end { text.push_str(end); }
        let grant = films();
        let signed = grant.manifest(&text, LIST).unwrap();
        prop_assert_eq!(plain(&signed, &parameters(&grant), "&"), text);
        prop_assert_eq!(grant.manifest(&signed, LIST).unwrap(), signed.clone());
        let verifier = Verifier::new([(ID.to_owned(), key().public_key())]).unwrap();
        for address in lines(&signed).filter(|address| !address.starts_with("skd:")) {
            let asked = url::Url::parse(LIST).unwrap().join(address).unwrap();
            prop_assert!(verifier.verify(&Request::new(asked.as_str()).now(NOW)).unwrap().is_allowed(), "{asked}");
        }
    }

    /// A parser writes each absolute address; most relative ones stay as they are.
    #[test]
    fn relative_and_absolute_lead_to_the_same_place(
        list in prop::collection::vec("[a-c]?[./]{0,3}[a-zA-Z0-9_.-]{1,4}([?%;&=#~/][a-z0-9.]{0,2}){0,2}", 1..12),
        url in prop::sample::select(vec![LIST, "https://d.net/films/a/b.m3u8?x=1"]),
    ) {
        let text = format!("#EXTM3U\n{}\n", list.join("\n"));
        let grant = films();
        let relative = grant.manifest(&text, url);
        let absolute = grant.manifest_with(&text, url, ManifestOptions::new().absolute(true));
        prop_assert_eq!(relative.as_ref().map_err(|error| error.message()).err(), absolute.as_ref().map_err(|error| error.message()).err());
        if let (Ok(relative), Ok(absolute)) = (relative, absolute) {
            let base = url::Url::parse(url).unwrap();
            let joined: Vec<String> = lines(&relative).map(|address| base.join(address).unwrap().into()).collect();
            prop_assert_eq!(joined, lines(&absolute).map(str::to_owned).collect::<Vec<_>>());
        }
    }

    #[test]
    fn dash_is_the_original_with_parameters(
        template in "[a-z0-9$/.]{1,8}",
        base in "(|[a-z]{1,3}/|https://d[.]net/films/[a-z]{1,2}/)",
        file in "[a-z]{1,4}(\\?[a-z]=(&amp;|[0-9]){1,3}[0-9])?( |\n)?",
        quote in prop::sample::select(vec!['"', '\'']),
    ) {
        prop_assume!(!template.starts_with('/') && !template.contains(".."));
        let text = format!(
            "<MPD a='&lt;'><Period>\n<BaseURL>{base}</BaseURL><AdaptationSet x=\"\"  ><SegmentTemplate media={quote}{template}{quote}/>\r\n\
             <Representation id='1'/></AdaptationSet><AdaptationSet><Representation><BaseURL>{file}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        );
        let grant = films();
        let signed = grant.manifest(&text, MPD).unwrap();
        prop_assert_eq!(plain(&signed, &parameters(&grant).replace('&', "&amp;"), "&amp;"), text);
        prop_assert_eq!(grant.manifest(&signed, MPD).unwrap(), signed);
    }
}
