-- SPDX-License-Identifier: Apache-2.0
-- attack: runs code in the compiler that reads the host and starts programs
-- layer: tree
-- verdict: accepted
-- prints: contained
-- limits: {"memory_kb": 262144, "cpu_ms": 5000, "wall_ms": 10000}
{-# LANGUAGE TemplateHaskell #-}
import Language.Haskell.TH
import Control.Exception
import System.Environment

found :: [String]
found = $(do
  let try' path = (readFile path >>= \s -> length s `seq` return [path]) `catch` \e -> let _ = e :: SomeException in return []
  files <- runIO (concat <$> mapM try' ["/root/kodewar-canary", "/etc/shadow", "/tmp/kodewar-canary", "/proc/1/environ", "/var/lib/dpkg/status"])
  env <- runIO (lookupEnv "KW_CANARY")
  return (ListE (map (LitE . StringL) (files ++ maybe [] pure env))))

main :: IO ()
main = if null found then putStrLn "contained" else mapM_ (putStrLn . ("BREACH " ++)) found
