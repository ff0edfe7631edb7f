; SPDX-License-Identifier: Apache-2.0
; attack: expands macros that read the host and leave a thread behind
; layer: tree
; verdict: accepted|compile_error
; prints: contained
#lang racket/base
(require (for-syntax racket/base))
(define-syntax (found stx)
  (define (tries path)
    (with-handlers ([void (lambda (_) '())])
      (call-with-input-file path (lambda (p) (read-char p) (list path)))))
  (thread (lambda () (let loop () (loop))))
  (datum->syntax stx (list 'quote (apply append (map tries '("/root/kodewar-canary" "/etc/shadow" "/tmp/kodewar-canary" "/proc/1/environ"))))))
(for ([path (found)]) (printf "BREACH ~a\n" path))
(displayln "contained")
