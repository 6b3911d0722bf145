//! Any text as contact cards.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    for card in rapport_exchange::vcard::read(text) {
        assert!(card.contains_key("name"));
    }
});
