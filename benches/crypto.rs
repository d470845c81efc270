//! What encrypting costs where a session does it: `cargo bench --bench crypto`.
//!
//! `rehearse crypto` measures the operations; this measures what is around
//! them: expanding a key, new memory for each result, wiping, and the way of a
//! data sample from JSON to base64 (target: under 3 µs beyond the raw cipher
//! for 1 KiB).

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rehearse::clock::Clock;
use rehearse::crypto::{AesKey, ClientCrypto, CryptoBackend, CryptoError, Plain};
use rehearse::icure::{MeteredCrypto, seal_json};
use rehearse::metrics::{Meter, Recorder, StepContext, TagKey, Tags, Trace};
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn aes(c: &mut Criterion, backend: CryptoBackend) -> Result<(), CryptoError> {
    let key = AesKey::generate(backend);
    for (name, length) in [("64 B", 64), ("1 KiB", 1024), ("16 KiB", 16 * 1024)] {
        let plain = vec![7_u8; length];
        let mut group = c.benchmark_group(format!("{backend} {name}"));
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function("cbc encrypt", |b| {
            b.iter(|| key.encrypt_cbc(black_box(&plain)));
        });
        let mut buffer = Vec::new();
        group.bench_function("cbc encrypt, same buffer", |b| {
            b.iter(|| key.encrypt_cbc_into(black_box(&plain), &mut buffer));
        });
        let sealed = key.encrypt_cbc(&plain)?;
        group.bench_function("cbc decrypt", |b| {
            b.iter(|| key.decrypt_cbc(black_box(&sealed)));
        });
        let mut opened = Plain::new();
        group.bench_function("cbc decrypt, same buffer", |b| {
            b.iter(|| key.decrypt_cbc_into(black_box(&sealed), &mut opened));
        });
        group.bench_function("gcm seal", |b| {
            b.iter(|| key.seal_gcm(b"", black_box(&plain)));
        });
        let sealed = key.seal_gcm(b"", &plain)?;
        group.bench_function("gcm open", |b| {
            b.iter(|| key.open_gcm(b"", black_box(&sealed)));
        });
        group.finish();
    }
    Ok(())
}

/// Wiping is part of each decryption.
fn wiping(c: &mut Criterion) {
    let mut group = c.benchmark_group("wipe 16 KiB");
    let bytes = vec![7_u8; 16 * 1024];
    group.bench_function("one byte at a time, as Zeroizing<Vec<u8>> does", |b| {
        b.iter(|| Zeroizing::new(black_box(&bytes).clone()));
    });
    group.bench_function("all at once, as Plain does", |b| {
        b.iter(|| {
            let mut copy = black_box(&bytes).clone();
            zeroize::zeroize_bytes(&mut copy);
            copy
        });
    });
    group.finish();
}

fn sample(c: &mut Criterion, backend: CryptoBackend) {
    let tags = Tags::new().with(TagKey::Step, "data_sample.create");
    let (meter, trace) = (Meter::new(Recorder::new(), tags), Trace::default());
    let clock = Clock::real();
    let client = ClientCrypto::new(backend, &clock);
    let crypto = MeteredCrypto::new(&client, StepContext::bare(&meter, &trace, &clock));
    let mut text = "The quick brown fox jumps over the lazy dog. ".repeat(23);
    let frame = json!({"content": {"en": {"stringValue": ""}}}).to_string();
    text.truncate(1024 - frame.len());
    let sample = json!({"content": {"en": {"stringValue": text}}});
    let plain = sample.to_string();
    let key = AesKey::generate(backend);
    let mut group = c.benchmark_group(format!("{backend} sample of {} bytes", plain.len()));
    group.bench_function("raw cipher", |b| {
        b.iter(|| key.encrypt_cbc(black_box(plain.as_bytes())));
    });
    group.bench_function("sample", |b| {
        b.iter(|| seal_json::<Value>(crypto, &key, black_box(&sample)));
    });
    group.bench_function("fresh key, raw cipher", |b| {
        b.iter(|| AesKey::generate(backend).encrypt_cbc(black_box(plain.as_bytes())));
    });
    group.finish();
}

fn every(c: &mut Criterion) {
    for backend in CryptoBackend::ALL {
        if let Err(error) = aes(c, backend) {
            eprintln!("{backend}: {error}");
        }
        sample(c, backend);
    }
}

criterion_group!(benches, every, wiping);
criterion_main!(benches);
