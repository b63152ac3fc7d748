"""What several commands share; the modules beside this folder are the commands themselves."""
